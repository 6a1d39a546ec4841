import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { type Kernel, PLACES, unary } from './kernel.ts';
import { addBlock, BLOCK, joinLanes, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

export interface Reduce2dOptions {
  lanes: number;
  activation?: Activation;
}

/**
 * The mean over height and width: [batch, channels, height, width] to [batch, channels, 1, 1].
 * A workgroup of `lanes` threads (a power of two, at most 128) reduces one slice; the order of its additions
 * depends on nothing but `lanes`, so every run gives the same bits.
 */
export const reduce2d = {
  kind: 'reduce2d',
  fields: {
    inputPixels: 'u32',
    ...PLACES,
    ...ACTIVATION_FIELDS,
  },
  bindings: unary,
  workgroup: ({ lanes }) => [lanes, 1],
  threads: ({ lanes }, { slices, batch }) => [slices * lanes, batch, 1],
  text: ({ lanes, activation = 'piecewise' }, main) => wgsl`var<workgroup> partial: array<vec4f, ${lanes}>;

${activate(activation)}

${main}
  let lane = local.x;
  let slice = group.x;
  let batch = group.y;
  let plane = params.inputOffset + batch * params.inputBatch + slice * params.inputPixels;

  ${openSums}
  var pixel = lane;
  for (var k = 0u; k < 0xffffffffu; k++) {
    if (pixel >= params.inputPixels) {
      break;
    }
    var block = vec4f();
    // Not a number of turns, which Mesa's compilers would write out.
    let end = min(pixel + ${lanes * BLOCK}u, params.inputPixels);
    for (; pixel < end; pixel += ${lanes}u) {
      block += vec4f(input[plane + pixel]);
    }
    ${addBlock('block')}
  }

  partial[lane] = ${total};
  ${joinLanes(lanes, 'partial', (a, b) => `${a} + ${b}`)}
  if (lane == 0u) {
    let mean = partial[0] / f32(params.inputPixels);
    output[params.outputOffset + batch * params.outputBatch + slice] = Slice(activate(mean));
  }
}`,
} as const satisfies Kernel<Reduce2dOptions>;
