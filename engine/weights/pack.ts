import type { ElementType } from '../../shaders/kernel.ts';
import type { PlannedWeights, TensorRole, WeightsLayout } from '../plan/plan.ts';

/** How many vec4 a kernel's packed weights take. */
export const packedVectors = (layout: WeightsLayout) => blocksOf(layout) * blockVectors(layout);

/** Blocks of output slices. */
export const blocksOf = ({ filterShape: [outChannels], blockSlices }: WeightsLayout) =>
  Math.ceil(Math.ceil(outChannels / 4) / blockSlices);

/** Vectors for each filter column: of a matrix for each output slice of the block, or of one value for each channel. */
const columnVectors = ({ kind, blockSlices }: WeightsLayout) => (kind === 'depthwise' ? 1 : blockSlices * 4);

/** The bias takes a row too, or a column. */
function blockVectors(layout: WeightsLayout): number {
  const [, , height, width] = layout.filterShape;
  if (layout.kind === 'depthwise') return height * width + 1;
  return (1 + bandOf(layout).slices * height) * width * columnVectors(layout);
}

/**
 * The input slices that a block of output slices reads: all of them, or those of its channels' groups. `slices` is the
 * widest block's number, which every block reads; `start` is the same arithmetic as in `conv2d.wgsl.ts`.
 */
export function bandOf({ filterShape, groups, blockSlices, pixels = 1 }: WeightsLayout): {
  slices: number;
  start: (block: number) => number;
} {
  const [outChannels, groupInputs] = filterShape;
  const slicesIn = Math.ceil((groupInputs * groups) / pixels / 4) * pixels;
  if (groups === 1) return { slices: slicesIn, start: () => 0 };
  const blockChannels = blockSlices * 4;
  const groupOf = (channel: number) => Math.floor(channel / (outChannels / groups));
  const first = (block: number) => Math.floor((groupOf(block * blockChannels) * groupInputs) / 4);
  let slices = 0;
  for (let block = 0; block * blockChannels < outChannels; block++) {
    const lastGroup = groupOf(Math.min(outChannels, (block + 1) * blockChannels) - 1);
    slices = Math.max(slices, Math.ceil(((lastGroup + 1) * groupInputs) / 4) - first(block));
  }
  return { slices, start: (block) => Math.min(first(block), slicesIn - slices) };
}

/** The output channels of a block, which need no others to be packed unless there are groups. */
export const blockChannels = ({ blockSlices }: WeightsLayout) => blockSlices * 4;

/** The numbers above which one becomes infinite when it is rounded to the type. */
const LIMITS = { float32: 3.4028235e38, float16: 65519.99 } as const;

/**
 * Throws because of a number that is not finite as the element type, or is not once batch normalization is folded in.
 * `index` counts the filter's elements, or output channels.
 */
export type Refuse = (role: TensorRole, index: number, value: number) => never;

/** Of the layout's output channels. */
export type PackTensors = { readonly [Role in TensorRole]?: Float32Array };

/**
 * Lays trained tensors out as the kernels read them, batch normalization folded in.
 *
 * `conv2d`: `[output block][bias, then input slice and ky][kx][slice in block][4 inputs] -> vec4 over 4 outputs`, so that
 * the reading pointer only ever steps forward (`convolution.ts` among the shaders). `convTranspose2d`: the same, from a
 * tensor that is `[channels, outChannels / groups, ky, kx]`. With `pixels`, the input channels of a dense layer are those of
 * a flattened map, which lies in memory as `[slice][pixel]`. `depthwise`:
 * `[slice][ky and kx, then bias] -> vec4 over 4 channels`. Channels that fill up a slice or a block get zeros. `refuse`
 * hears of the first number that does not fit the element type.
 */
export function packWeights(
  { layout, epsilon }: Pick<PlannedWeights, 'layout' | 'epsilon'>,
  { filter, bias, mean, variance, scale, shift }: PackTensors,
  elementType: ElementType,
  refuse: Refuse,
): ArrayBuffer {
  const { kind, blockSlices, groups, pixels = 1 } = layout;
  const [outChannels, groupChannels, height, width] = layout.filterShape;
  const isDepthwise = kind === 'depthwise';
  const isTransposed = kind === 'convTranspose2d';
  const groupOutputs = outChannels / groups;
  const step = isTransposed ? groupOutputs : 1;
  const taps = height * width;
  const blockFloats = blockVectors(layout) * 4;
  const columnFloats = columnVectors(layout) * 4;
  const rowFloats = width * columnFloats;
  const [biasStart, filterStart] = isDepthwise ? [taps * columnFloats, 0] : [0, rowFloats];
  const band = bandOf(layout);
  const limit = LIMITS[elementType];
  const packed = new Float32Array(packedVectors(layout) * 4);
  const elements = filter ?? new Float32Array(outChannels).fill(1);
  for (let out = 0; out < outChannels; out++) {
    // y = (w·x + b - mean) / sqrt(variance + epsilon) * scale + shift, as y = (w·factor)·x + constant.
    const spread = variance?.[out] ?? 1;
    if (!(spread + epsilon > 0)) refuse('variance', out, spread);
    const factor = variance ? (scale?.[out] ?? 1) / Math.sqrt(spread + epsilon) : 1;
    const constant = ((bias?.[out] ?? 0) - (mean?.[out] ?? 0)) * factor + (shift?.[out] ?? 0);
    if (!(Math.abs(constant) < limit)) refuse('shift', out, constant);
    const inBlock = (out >> 2) % blockSlices;
    const block = Math.floor((out >> 2) / blockSlices);
    const start = block * blockFloats + (out & 3);
    packed[start + biasStart + inBlock * 4] = constant;
    const column = start + filterStart + inBlock * 16;
    const group = Math.floor(out / groupOutputs);
    // The input channel that the filter's first one reads, counted from those of the block; and its first element's place.
    let channel = isDepthwise ? 0 : group * groupChannels - band.start(block) * 4;
    const first = isTransposed ? group * groupChannels * groupOutputs + (out % groupOutputs) : out * groupChannels;
    // So swollen that a number beyond the limit is infinite, the sum is finite only if all of them fit. It costs next to nothing
    // between the writes.
    let sum = 0;
    for (let inGroup = 0; inGroup < groupChannels; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++, inGroup++) {
        let source = (first + inGroup * step) * taps;
        let row = column + ((channel >> 2) * pixels + pixel) * height * rowFloats + (channel & 3) * 4;
        for (let ky = 0; ky < height; ky++, row += rowFloats) {
          for (let kx = 0; kx < width; kx++) {
            const value = (elements[source++] as number) * factor;
            sum += value * (Number.MAX_VALUE / limit);
            packed[row + kx * columnFloats] = value;
          }
        }
      }
    }
    for (let tap = 0; tap < groupChannels * taps && !Number.isFinite(sum); tap++) {
      const index = (first + Math.floor(tap / taps) * step) * taps + (tap % taps);
      const element = elements[index] as number;
      if (Math.abs(Math.fround(element * factor)) < limit) continue;
      if (filter) refuse('filter', index, element);
      refuse('scale', index, factor);
    }
  }
  return (elementType === 'float16' ? toFloat16(packed) : packed).buffer as ArrayBuffer;
}

/** The beginning of a block of `conv2d` whose `bias`, a channel each, comes after its filter. */
export function packBias(bias: Float32Array, { blockSlices }: WeightsLayout, elementType: ElementType): ArrayBuffer {
  const packed = new Float32Array(blockSlices * 4);
  // As in a block with its filter, -0 becomes 0.
  packed.set(bias.map((value) => value + 0));
  return (elementType === 'float16' ? toFloat16(packed) : packed).buffer as ArrayBuffer;
}

/** Refuses the first number that would not be finite as the element type. */
export function requireFit(role: TensorRole, values: Float32Array, elementType: ElementType, refuse: Refuse): void {
  const index = values.findIndex((value) => !(Math.abs(value) < LIMITS[elementType]));
  if (index >= 0) refuse(role, index, values[index] as number);
}

/** IEEE 754 binary16, rounded to nearest even; Float16Array is not everywhere yet. */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i] as number;
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    let half: number;
    if (magnitude > 0x7f800000) half = 0x7e00;
    // 65520 and above round to infinity.
    else if (magnitude >= 0x477ff000) half = 0x7c00;
    // Below 2^-14 the half is subnormal, a multiple of 2^-24. Numbers above 2^52 have no fractions: adding it rounds.
    else if (magnitude < 0x38800000) half = Math.abs(values[i] as number) * 2 ** 24 + 2 ** 52 - 2 ** 52;
    else half = (magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
    halves[i] = sign | half;
  }
  return halves;
}
