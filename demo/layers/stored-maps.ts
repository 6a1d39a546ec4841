/** What is shown without a GPU: one network on one sample. */
export const BEFOREHAND = {
  network: 'separable',
  kind: 'fashion-mnist',
  picture: 'fashion-mnist/9-ankle-boot-a',
  file: 'samples/beforehand/fashion-mnist/separable-ankle-boot.deflate',
} as const;

/** The file's text, as JSON. `e2e/beforehand.spec.ts` writes it, and compares it with what the engine computes. */
export interface Stored {
  readonly scores: readonly number[];
  readonly heat: { readonly width: number; readonly height: number; readonly values: readonly number[] };
  readonly layers: readonly StoredMaps[];
}

export interface StoredMaps {
  readonly name: string;
  /** Of each channel its smallest and its largest number. */
  readonly ranges: readonly (readonly [least: number, most: number])[];
  /** A byte for each number, channel after channel: where it is in the range of its channel. In base64. */
  readonly levels: string;
}

/** Between the smallest and the largest number. */
export const LEVELS = 255;

export function numbersOf({ ranges, levels }: StoredMaps): Float32Array {
  const bytes = Uint8Array.from(atob(levels), (character) => character.charCodeAt(0));
  const pixels = bytes.length / ranges.length;
  return Float32Array.from(bytes, (level, index) => {
    const [least, most] = ranges[Math.floor(index / pixels)] ?? [0, 0];
    return least + (level / LEVELS) * (most - least);
  });
}
