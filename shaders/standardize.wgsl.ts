import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { FOR_EACH_SLICE, type Kernel, PLACES, SLICES } from './kernel.ts';
import { andSlice, slopeBinding } from './slope.ts';
import { addBlock, BLOCK, joinLanes, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

export interface StandardizeOptions {
  /** Whether a group is the channels of a pixel: the last slice may have fewer than four. */
  overChannels: boolean;
  /** Threads that share the work on a group, a power of two. */
  lanes: number;
  /** Whether each channel has a factor and a summand: for each slice two vectors of `affine`. */
  affine: boolean;
  activation: Activation;
}

/**
 * activation((x - mean) / sqrt(mean of (x - mean)^2 + epsilon) * factor + summand), where the means are those of a group of
 * `count` vectors that lie `step` apart: of a pixel's channels, or of pixels that have `inner` others between them. Goes
 * through a group three times, so that the mean of squares has no digits to lose. Lanes beyond the last channel become 0.
 */
export const standardize = {
  kind: 'standardize',
  fields: {
    outputPixels: 'u32',
    outputSlices: 'u32',
    outputChannels: 'u32',
    /** In a slice, or in all. */
    groups: 'u32',
    count: 'u32',
    step: 'u32',
    inner: 'u32',
    /** The numbers of a group whose mean is taken. */
    size: 'f32',
    epsilon: 'f32',
    ...PLACES,
    ...ACTIVATION_FIELDS,
  },
  bindings: ({ affine, activation }) => ({
    input: SLICES,
    output: SLICES,
    affine: affine && SLICES,
    ...slopeBinding(activation),
  }),
  workgroup: ({ lanes }) => (lanes > 1 ? [lanes, 1] : FOR_EACH_SLICE.workgroup()),
  threads: ({ lanes }, { pixels, slices, batch }) => [pixels * lanes, slices, batch],
  text({ overChannels, lanes, affine, activation }, main) {
    const first = lanes > 1 ? 'lane' : '0u';
    /** `name`, declared before: the mean of what `element` makes of each `value`, in all lanes. */
    const mean = (name: string, element: string) => wgsl`  {
  ${openSums}
  var next = ${first};
  for (var turn = 0u; turn < 0xffffffffu; turn++) {
    if (next >= params.count) {
      break;
    }
    var block = vec4f();
    // Not a number of turns, which Mesa's compilers would write out.
    let end = min(next + ${lanes * BLOCK}u, params.count);
    for (; next < end; next += ${lanes}u) {
      let value = vec4f(input[source + next * params.step]);
      block += ${overChannels ? `select(vec4f(), ${element}, isChannel(next))` : element};
    }
    ${addBlock('block')}
  }
  ${name} = ${total};
  }
#if ${lanes > 1}
  ${name}Parts[lane] = ${name};
  ${joinLanes(lanes, `${name}Parts`, (a, b) => `${a} + ${b}`)}
  workgroupBarrier();
  ${name} = ${name}Parts[0];
#endif
#if ${overChannels}
  ${name} = vec4f(dot(${name}, vec4f(1.0)));
#endif
  ${name} /= params.size;`;
    return wgsl`${activate(activation)}

fn isChannel(slice: u32) -> vec4<bool> {
  return vec4u(slice * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.outputChannels);
}

#if ${lanes > 1}
var<workgroup> meanParts: array<vec4f, ${lanes}>;
var<workgroup> varianceParts: array<vec4f, ${lanes}>;
#endif

${main}
#if ${lanes > 1}
  let lane = local.x;
  let own = group.x;
#else
  let own = id.x;
  if (own >= params.groups || id.y >= ${overChannels ? '1u' : 'params.outputSlices'}) {
    return;
  }
#endif
  let place = id.y * params.outputPixels + own / params.inner * params.count * params.inner + own % params.inner;
  let source = params.inputOffset + id.z * params.inputBatch + place;
  let result = params.outputOffset + id.z * params.outputBatch + place;
  var mean = vec4f();
  ${mean('mean', 'value')}
  var variance = vec4f();
  ${mean('variance', '(value - mean) * (value - mean)')}
  let factor = inverseSqrt(variance + params.epsilon);
  for (var next = ${first}; next < 0xffffffffu; next += ${lanes}u) {
    if (next >= params.count) {
      break;
    }
    let slice = ${overChannels ? 'next' : 'id.y'};
    var value = (vec4f(input[source + next * params.step]) - mean) * factor;
#if ${affine}
    value = value * vec4f(affine[2u * slice]) + vec4f(affine[2u * slice + 1u]);
#endif
    value = activate(value${andSlice(activation, 'slice')});
    output[result + next * params.step] = Slice(select(vec4f(), value, isChannel(slice)));
  }
}`;
  },
} as const satisfies Kernel<StandardizeOptions>;
