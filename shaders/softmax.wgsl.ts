import { type Kernel, PLACES, unary } from './kernel.ts';
import { wgsl } from './wgsl.ts';

const LANES = 64;

const LOWEST = '-0x1.fffffep+127f';

export interface SoftmaxOptions {
  /** What handles the channels of one pixel: a whole `workgroup`, for a classifier's [n, c, 1, 1], or a `thread`, for a map. */
  per: 'workgroup' | 'thread';
}

/**
 * Softmax over the channels of [batch, channels, height, width]; the maximum is subtracted first, and pad lanes become 0.
 * The sums of a workgroup have a fixed order.
 */
export const softmax = {
  kind: 'softmax',
  fields: {
    outputChannels: 'u32',
    outputPixels: 'u32',
    ...PLACES,
  },
  bindings: unary,
  workgroup: () => [LANES, 1],
  threads: ({ per }, { pixels, batch }) => [per === 'workgroup' ? pixels * LANES : pixels, batch, 1],
  text({ per }, main) {
    const stride = per === 'workgroup' ? LANES : 1;
    // What each lane has becomes what all of them have together: each joins it for itself, which takes one barrier and little text.
    const inAllLanes = (name: string, join: (a: string, b: string) => string) => wgsl`#if ${per === 'workgroup'}
  ${name}Parts[lane] = ${name};
  workgroupBarrier();
  ${name} = ${name}Parts[0];
  for (var other = 1u; other < ${LANES}u; other++) {
    ${name} = ${join(name, `${name}Parts[other]`)};
  }
#endif`;
    return wgsl`#if ${per === 'workgroup'}
var<workgroup> greatestParts: array<f32, ${LANES}>;
var<workgroup> sumParts: array<f32, ${LANES}>;
#endif

fn isChannel(slice: u32) -> vec4<bool> {
  return vec4u(slice * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.outputChannels);
}

// A pad lane may hold anything; of -1000 the exponential is 0.
fn exponentials(value: vec4f, greatest: f32, slice: u32) -> vec4f {
  return exp(select(vec4f(-1000.0), value - greatest, isChannel(slice)));
}

${main}
  let lane = local.x;
  let batch = group.y;
#if ${per === 'workgroup'}
  let pixel = group.x;
  let first = lane;
#else
  let pixel = group.x * ${LANES}u + lane;
  let first = 0u;
  if (pixel >= params.outputPixels) {
    return;
  }
#endif
  let slices = (params.outputChannels + 3u) / 4u;
  let source = params.inputOffset + batch * params.inputBatch + pixel;
  let result = params.outputOffset + batch * params.outputBatch + pixel;

  var maxima = vec4f(${LOWEST});
  for (var slice = first; slice < 0xffffffffu; slice += ${stride}u) {
    if (slice >= slices) {
      break;
    }
    maxima = max(maxima, select(vec4f(${LOWEST}), vec4f(input[source + slice * params.outputPixels]), isChannel(slice)));
  }
  var greatest = max(max(maxima.x, maxima.y), max(maxima.z, maxima.w));
  ${inAllLanes('greatest', (a, b) => `max(${a}, ${b})`)}

  var sums = vec4f();
  for (var slice = first; slice < 0xffffffffu; slice += ${stride}u) {
    if (slice >= slices) {
      break;
    }
    sums += exponentials(vec4f(input[source + slice * params.outputPixels]), greatest, slice);
  }
  var sum = dot(sums, vec4f(1.0));
  ${inAllLanes('sum', (a, b) => `${a} + ${b}`)}
  let factor = 1.0 / sum;

  for (var slice = first; slice < 0xffffffffu; slice += ${stride}u) {
    if (slice >= slices) {
      break;
    }
    let value = exponentials(vec4f(input[source + slice * params.outputPixels]), greatest, slice) * factor;
    output[result + slice * params.outputPixels] = Slice(value);
  }
}`;
  },
} as const satisfies Kernel<SoftmaxOptions>;
