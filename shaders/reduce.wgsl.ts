import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { addBlock, BLOCK, joinLanes, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

/** What is done with all elements so far, `a`, and one more, or with what two threads have. */
const REDUCTIONS = {
  sum: (a: string, b: string) => `${a} + ${b}`,
  product: (a: string, b: string) => `${a} * ${b}`,
  max: (a: string, b: string) => `max(${a}, ${b})`,
  min: (a: string, b: string) => `min(${a}, ${b})`,
} as const;

export interface ReduceOptions {
  operation: keyof typeof REDUCTIONS;
  /** What is reduced: elements as they are, or a function of each. */
  of: 'identity' | 'abs' | 'square';
  /** Whether the elements are the channels of a pixel: the last slice may have fewer than four. */
  overChannels: boolean;
  /** Threads that share the work on a result, a power of two. */
  lanes: number;
  activation?: Activation;
}

/**
 * activation(reduction) of `count` vectors that lie `step` apart: of a pixel's channels, of items, or of pixels that have
 * `inner` others between them. Lanes beyond the last channel become 0, as not all functions of them are finite.
 */
export const reduce = {
  kind: 'reduce',
  fields: {
    inputPixels: 'u32',
    inputChannels: 'u32',
    outputPixels: 'u32',
    outputSlices: 'u32',
    outputChannels: 'u32',
    count: 'u32',
    step: 'u32',
    inner: 'u32',
    /** The reduction of nothing. */
    start: 'f32',
    ...PLACES,
    ...ACTIVATION_FIELDS,
  },
  bindings: unary,
  workgroup: ({ lanes }) => (lanes > 1 ? [lanes, 1] : FOR_EACH_SLICE.workgroup()),
  threads: ({ lanes }, { pixels, slices, batch }) => [pixels * lanes, slices, batch],
  text({ operation, of, overChannels, lanes, activation = 'piecewise' }, main) {
    const join = REDUCTIONS[operation];
    const element = { identity: 'value', abs: 'abs(value)', square: 'value * value' }[of];
    const isSum = operation === 'sum';
    return wgsl`${activate(activation)}

fn isChannel(slice: u32, channels: u32) -> vec4<bool> {
  return vec4u(slice * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(channels);
}

#if ${lanes > 1}
var<workgroup> partial: array<vec4f, ${lanes}>;
#endif

${main}
#if ${lanes > 1}
  let lane = local.x;
  let pixel = group.x;
#else
  let pixel = id.x;
  if (pixel >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
#endif
  let first = params.inputOffset + id.z * params.inputBatch + id.y * params.inputPixels
    + pixel / params.inner * params.count * params.inner + pixel % params.inner;
#if ${isSum}
  ${openSums}
#else
  var all = vec4f(params.start);
#endif
  var next = ${lanes > 1 ? 'lane' : '0u'};
  for (var turn = 0u; turn < 0xffffffffu; turn++) {
    if (next >= params.count) {
      break;
    }
    var block = vec4f(params.start);
    // Not a number of turns, which Mesa's compilers would write out.
    let end = min(next + ${lanes * BLOCK}u, params.count);
    for (; next < end; next += ${lanes}u) {
      let value = vec4f(input[first + next * params.step]);
      let element = ${element};
#if ${overChannels}
      block = ${join('block', 'select(vec4f(params.start), element, isChannel(next, params.inputChannels))')};
#else
      block = ${join('block', 'element')};
#endif
    }
#if ${isSum}
    ${addBlock('block')}
#else
    all = ${join('all', 'block')};
#endif
  }
#if ${isSum}
  var all = ${total};
#endif
#if ${lanes > 1}
  partial[lane] = all;
  ${joinLanes(lanes, 'partial', join)}
  if (lane > 0u) {
    return;
  }
  all = partial[0];
#endif
#if ${overChannels}
  all = vec4f(${join(join('all.x', 'all.y'), join('all.z', 'all.w'))});
#endif
  let result = select(vec4f(), activate(all), isChannel(id.y, params.outputChannels));
  output[params.outputOffset + id.z * params.outputBatch + id.y * params.outputPixels + pixel] = Slice(result);
}`;
  },
} as const satisfies Kernel<ReduceOptions>;
