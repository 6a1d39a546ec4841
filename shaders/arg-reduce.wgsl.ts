import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { wgsl } from './wgsl.ts';

export interface ArgReduceOptions {
  operation: 'argMax' | 'argMin';
  /** Whether the elements are the channels of a pixel: the last slice may have fewer than four. */
  overChannels: boolean;
  /** Threads that share the work on a result. */
  lanes: number;
}

/** The index, as a number, of the largest or smallest of the elements that `reduce` would go through; the first of equals. */
export const argReduce = {
  kind: 'arg-reduce',
  fields: {
    inputPixels: 'u32',
    inputChannels: 'u32',
    outputPixels: 'u32',
    outputSlices: 'u32',
    count: 'u32',
    step: 'u32',
    inner: 'u32',
    /** No element is worse. */
    start: 'f32',
    ...PLACES,
  },
  bindings: unary,
  workgroup: ({ lanes }) => (lanes > 1 ? [lanes, 1] : FOR_EACH_SLICE.workgroup()),
  threads: ({ lanes }, { pixels, slices, batch }) => [pixels * lanes, slices, batch],
  text({ operation, overChannels, lanes }, main) {
    const better = operation === 'argMax' ? '>' : '<';
    const first = overChannels ? 'lane * 4u + vec4u(0u, 1u, 2u, 3u)' : 'vec4u(lane)';
    return wgsl`#if ${lanes > 1}
var<workgroup> bestOf: array<vec4f, ${lanes}>;
var<workgroup> placeOf: array<vec4u, ${lanes}>;
#endif

// Whether an element takes the place of another one.
fn wins(a: vec4f, placeA: vec4u, b: vec4f, placeB: vec4u) -> vec4<bool> {
  return (a ${better} b) | ((a == b) & (placeA < placeB));
}

${main}
#if ${lanes > 1}
  let lane = local.x;
  let pixel = group.x;
#else
  let lane = 0u;
  let pixel = id.x;
  if (pixel >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
#endif
  let source = params.inputOffset + id.z * params.inputBatch + id.y * params.inputPixels
    + pixel / params.inner * params.count * params.inner + pixel % params.inner;
  var best = vec4f(params.start);
  var place = ${first};
  for (var next = lane; next < 0xffffffffu; next += ${lanes}u) {
    if (next >= params.count) {
      break;
    }
    let value = vec4f(input[source + next * params.step]);
#if ${overChannels}
    let at = vec4u(next * 4u) + vec4u(0u, 1u, 2u, 3u);
    let isBetter = (value ${better} best) & (at < vec4u(params.inputChannels));
#else
    let at = vec4u(next);
    let isBetter = value ${better} best;
#endif
    best = select(best, value, isBetter);
    place = select(place, at, isBetter);
  }
#if ${lanes > 1}
  bestOf[lane] = best;
  placeOf[lane] = place;
  workgroupBarrier();
  if (lane > 0u) {
    return;
  }
  for (var other = 1u; other < ${lanes}u; other++) {
    let isBetter = wins(bestOf[other], placeOf[other], best, place);
    best = select(best, bestOf[other], isBetter);
    place = select(place, placeOf[other], isBetter);
  }
#endif
#if ${overChannels}
  var isBetter = wins(best.zwzw, place.zwzw, best, place);
  best = select(best, best.zwzw, isBetter);
  place = select(place, place.zwzw, isBetter);
  isBetter = wins(best.yyyy, place.yyyy, best, place);
  place = select(place, place.yyyy, isBetter);
  place = vec4u(place.x, 0u, 0u, 0u);
#endif
  output[params.outputOffset + id.z * params.outputBatch + id.y * params.outputPixels + pixel] = Slice(vec4f(place));
}`;
  },
} as const satisfies Kernel<ArgReduceOptions>;
