import {
  ACTIVATION_FIELDS,
  type Activation,
  activate,
  header,
  openMain,
  type ParamFields,
  type ShaderOptions,
  storage,
} from './interface.ts';
import { addBlock, BLOCK, joinLanes, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

export const REDUCE2D_FIELDS = {
  pixels: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
  ...ACTIVATION_FIELDS,
} as const satisfies ParamFields;

/**
 * The mean over height and width: [batch, channels, height, width] to [batch, channels, 1, 1].
 * A workgroup of `lanes` threads (a power of two, at most 128) reduces one slice; the order of its additions
 * depends on nothing but `lanes`, so every run gives the same bits. Grid: slices, batch, 1.
 */
export function reduce2d({
  type,
  grid,
  lanes,
  activation = 'piecewise',
}: ShaderOptions & { lanes: number; activation?: Activation }): string {
  return wgsl`${header(type, REDUCE2D_FIELDS)}
${storage('input')}
${storage('output')}
var<workgroup> partial: array<vec4f, ${lanes}>;

${activate(activation)}

${openMain([lanes, 1], grid)}
  let lane = local.x;
  let slice = group.x;
  let batch = group.y;
  let plane = params.inputOffset + batch * params.inputBatch + slice * params.pixels;

  ${openSums}
  var pixel = lane;
  for (var k = 0u; k < 0xffffffffu; k++) {
    if (pixel >= params.pixels) {
      break;
    }
    var block = vec4f();
    for (var number = 0u; number < ${BLOCK}u; number++) {
      if (pixel >= params.pixels) {
        break;
      }
      block += vec4f(input[plane + pixel]);
      pixel += ${lanes}u;
    }
    ${addBlock('block')}
  }

  partial[lane] = ${total};
  ${joinLanes(lanes, 'partial', (a, b) => `${a} + ${b}`)}
  if (lane == 0u) {
    let mean = partial[0] / f32(params.pixels);
    output[params.outputOffset + batch * params.outputBatch + slice] = Slice(activate(mean));
  }
}`;
}
