import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';

const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7] as const;

type DigitField = `${'size' | 'stride'}${(typeof DIGITS)[number]}`;

/** Something for each digit of a view, which has at most eight; the first one steps slowest. */
const forEachDigit = <Item>(item: (role: 'size' | 'stride', digit: number) => Item) =>
  Object.fromEntries(
    DIGITS.flatMap((digit) => [
      [`size${digit}`, item('size', digit)],
      [`stride${digit}`, item('stride', digit)],
    ]),
  ) as { readonly [Field in DigitField]: Item };

export const digitParams = (sizes: readonly number[], strides: readonly number[]) =>
  forEachDigit((role, digit) => (role === 'size' ? sizes : strides)[digit] ?? 0);

/**
 * Elements in another order (`View` in `engine/graph/view.ts`): the index of an element of the result is taken apart into
 * digits, and each steps by its stride through the input. A thread makes one vec4: of four elements that come from anywhere,
 * or, where `vectors`, of one vec4 of the input; then the digits, strides and offset are those of vectors.
 */
export const view = {
  kind: 'view',
  /** Strides may be negative: sums wrap round. */
  fields: {
    outputChannels: 'u32',
    outputSlices: 'u32',
    outputPixels: 'u32',
    inputChannels: 'u32',
    inputSlices: 'u32',
    inputPixels: 'u32',
    offset: 'u32',
    ...PLACES,
    ...forEachDigit(() => 'u32' as const),
  },
  bindings: unary,
  ...FOR_EACH_SLICE,
  text({ digits, vectors }, main) {
    return wgsl`
fn sourceOf(index: u32) -> u32 {
  var rest = index;
  var source = params.offset;
  ${repeat(digits, (turn) => {
    const digit = digits - 1 - turn;
    if (digit === 0) return 'source += rest * params.stride0;';
    return `source += rest % params.size${digit} * params.stride${digit};\nrest /= params.size${digit};`;
  })}
  return source;
}
#if ${!vectors}

fn element(index: u32) -> Element {
  let source = sourceOf(index);
  let plane = source / params.inputPixels;
  let channel = plane % params.inputChannels;
  let place = channel / 4u * params.inputPixels + source % params.inputPixels;
  return input[params.inputOffset + plane / params.inputChannels * params.inputBatch + place][channel % 4u];
}
#endif

${main}
  if (id.x >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
#if ${vectors}
  let source = sourceOf((id.z * params.outputSlices + id.y) * params.outputPixels + id.x);
  let item = params.inputSlices * params.inputPixels;
  let value = input[params.inputOffset + source / item * params.inputBatch + source % item];
#else
  let first = id.y * 4u;
  let index = (id.z * params.outputChannels + first) * params.outputPixels + id.x;
  var value = Slice();
  value.x = element(index);
  ${repeat(3, (turn) => {
    const lane = turn + 1;
    return `if (first + ${lane}u < params.outputChannels) { value[${lane}] = element(index + ${lane}u * params.outputPixels); }`;
  })}
#endif
  output[params.outputOffset + id.z * params.outputBatch + id.y * params.outputPixels + id.x] = value;
}`;
  },
} as const satisfies Kernel<{
  digits: number;
  vectors: boolean;
}>;
