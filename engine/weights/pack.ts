import type { ElementType } from '../../shaders/kernel.ts';
import type { PlannedWeights, TensorRole, WeightsLayout } from '../plan/plan.ts';
import { bandOf, layoutOf, packedVectors } from './layout.ts';

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
 * Lays trained tensors out as the kernels read them, batch normalization folded in. With `pixels`, the input channels of a
 * dense layer are those of a flattened map, which lies in memory as `[slice][pixel]`. Channels that fill up a slice or a block
 * get zeros. `refuse` hears of the first number that does not fit the element type.
 */
export function packWeights(
  { layout, epsilon }: Pick<PlannedWeights, 'layout' | 'epsilon'>,
  { filter, bias, mean, variance, scale, shift }: PackTensors,
  elementType: ElementType,
  refuse: Refuse,
): ArrayBuffer {
  const { blockSlices, groups, pixels = 1 } = layout;
  const [outChannels, groupInputs, height, width] = layout.filterShape;
  const { blockVectors, columnVectors, biasVector, filterVector, strides } = layoutOf(layout);
  const band = bandOf(layout);
  const groupOutputs = outChannels / groups;
  const taps = height * width;
  const rowFloats = width * columnVectors * 4;
  const laneFloats = columnVectors > 1 ? 4 : 0;
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
    const start = block * blockVectors * 4 + (out & 3);
    packed[start + (biasVector + inBlock) * 4] = constant;
    const column = start + (filterVector + inBlock * 4) * 4;
    const group = Math.floor(out / groupOutputs);
    const first = (group * groupOutputs * groupInputs + (out % groupOutputs) * strides[0]) * taps;
    // The input channel that the filter's first one reads, counted from those of the block.
    let channel = group * groupInputs - band.start(block) * 4;
    // So swollen that a number beyond the limit is infinite, the sum is finite only if all of them fit. It costs next to nothing
    // between the writes.
    let sum = 0;
    for (let inGroup = 0; inGroup < groupInputs; channel++) {
      for (let pixel = 0; pixel < pixels; pixel++, inGroup++) {
        let source = first + inGroup * strides[1] * taps;
        let row = column + ((channel >> 2) * pixels + pixel) * height * rowFloats + (channel & 3) * laneFloats;
        for (let ky = 0; ky < height; ky++, row += rowFloats) {
          for (let kx = 0; kx < width; kx++) {
            const value = (elements[source++] as number) * factor;
            sum += value * (Number.MAX_VALUE / limit);
            packed[row + kx * columnVectors * 4] = value;
          }
        }
      }
    }
    for (let tap = 0; tap < groupInputs * taps && !Number.isFinite(sum); tap++) {
      const index = first + Math.floor(tap / taps) * strides[1] * taps + (tap % taps);
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
