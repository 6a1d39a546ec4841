/**
 * What networks make of some samples, for visitors without a GPU that the browser can use. The cut-out is MediaPipe's selfie
 * segmentation as LiteRT.js computes it; the answers are those of a MobileNet v2 (Coral's weights) as PyTorch computes them.
 */
export const CUTOUTS: Readonly<Record<string, { readonly url: string; readonly covered: number }>> = {
  'photos/astronaut': { url: 'samples/beforehand/astronaut.webp', covered: 0.54 },
};

export const ANSWERS: Readonly<Record<string, readonly { label: string; probability: number }[]>> = {
  'photos/cat': [
    { label: 'tiger cat', probability: 0.548 },
    { label: 'Egyptian cat', probability: 0.295 },
    { label: 'tabby, tabby cat', probability: 0.146 },
  ],
  'photos/coffee': [
    { label: 'espresso', probability: 0.964 },
    { label: 'cup', probability: 0.008 },
    { label: 'chocolate sauce, chocolate syrup', probability: 0.007 },
  ],
  'photos/rocket': [
    { label: 'missile', probability: 0.58 },
    { label: 'projectile, missile', probability: 0.275 },
  ],
};
