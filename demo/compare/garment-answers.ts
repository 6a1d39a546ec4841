/** A sample, and what the page's own networks of garments say of it: `e2e/beforehand.spec.ts` compares that with the engine. */
export const GARMENT = 'fashion-mnist/9-ankle-boot-a';

/** The likeliest class, by the ids of offers. */
export const GARMENT_ANSWERS = [
  { network: 'separable', label: 'Ankle boot', probability: 0.954 },
  { network: 'full', label: 'Ankle boot', probability: 0.951 },
] as const;
