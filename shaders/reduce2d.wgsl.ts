import {
  ACTIVATION_FIELDS,
  type Activation,
  activate,
  type ElementType,
  header,
  type ParamFields,
  storage,
} from './interface.ts';
import { repeat, wgsl } from './wgsl.ts';

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
  lanes,
  activation = 'piecewise',
}: {
  type: ElementType;
  lanes: number;
  activation?: Activation;
}): string {
  return wgsl`${header(type, REDUCE2D_FIELDS)}
${storage('input')}
${storage('output')}
var<workgroup> partial: array<vec4f, ${lanes}>;

${activate(activation)}

@compute @workgroup_size(${lanes}, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let slice = group.x;
  let batch = group.y;
  let plane = params.inputOffset + batch * params.inputBatch + slice * params.pixels;

  var sum = vec4f(0.0);
  var pixel = lane;
  for (var k = 0u; k < 16777216u; k++) {
    if (pixel >= params.pixels) {
      break;
    }
    sum += vec4f(input[plane + pixel]);
    pixel += ${lanes}u;
  }

  partial[lane] = sum;
${repeat(
  Math.log2(lanes),
  (step) => `  workgroupBarrier();
  if (lane < ${lanes >> (step + 1)}u) {
    partial[lane] += partial[lane + ${lanes >> (step + 1)}u];
  }`,
)}
  if (lane == 0u) {
    let mean = partial[0] / f32(params.pixels);
    output[params.outputOffset + batch * params.outputBatch + slice] = Slice(activate(mean));
  }
}`;
}
