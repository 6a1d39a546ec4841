import type { MaskMode } from '../network/classification.ts';

export interface Cutout {
  readonly url: string;
  readonly covered: number;
}

/** What can be done with it without a GPU. */
export const CUTOUT_MODES: readonly MaskMode[] = ['blur', 'replace', 'cutout'];

/**
 * What networks make of some samples, for visitors without a GPU that the browser can use, and for others until theirs
 * answers. The cut-out is MediaPipe's selfie segmentation as LiteRT.js computes it; the answers are those of a MobileNet v2
 * (Coral's weights) as PyTorch computes them.
 */
export const CUTOUTS: Readonly<Record<string, Cutout>> = {
  'photos/astronaut': { url: 'samples/beforehand/astronaut.webp', covered: 0.54 },
};

/** The likeliest class. */
export const ANSWERS: Readonly<Record<string, { readonly label: string; readonly probability: number }>> = {
  'photos/cat': { label: 'tiger cat', probability: 0.548 },
  'photos/coffee': { label: 'espresso', probability: 0.964 },
  'photos/rocket': { label: 'missile', probability: 0.58 },
};
