import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * input / (bias + scale * sum)^beta, where the sum is that of the squares of the channels from `before` before each one to
 * `after` after it. A thread makes one vec4.
 */
export const localResponseNormalization = {
  kind: 'local-response-normalization',
  fields: {
    inputChannels: 'u32',
    outputSlices: 'u32',
    outputPixels: 'u32',
    before: 'u32',
    after: 'u32',
    bias: 'f32',
    scale: 'f32',
    beta: 'f32',
    ...PLACES,
  },
  bindings: unary,
  ...FOR_EACH_SLICE,
  text: (_, main) => wgsl`${main}
  let pixel = id.x;
  let slice = id.y;
  if (pixel >= params.outputPixels || slice >= params.outputSlices) {
    return;
  }
  let plane = params.inputOffset + id.z * params.inputBatch + pixel;
  let own = vec4u(slice * 4u) + vec4u(0u, 1u, 2u, 3u);
  let end = min(own.w + params.after + 1u, params.inputChannels);
  var sum = vec4f();
  for (var channel = max(own.x, params.before) - params.before; channel < 0xffffffffu; channel++) {
    if (channel >= end) {
      break;
    }
    let value = f32(input[plane + channel / 4u * params.outputPixels][channel % 4u]);
    let isNear = (own + params.after >= vec4u(channel)) & (own <= vec4u(channel + params.before));
    sum += select(vec4f(), vec4f(value * value), isNear);
  }
  let value = vec4f(input[plane + slice * params.outputPixels]);
  let result = value / pow(params.bias + params.scale * sum, vec4f(params.beta));
  let isChannel = own < vec4u(params.inputChannels);
  output[params.outputOffset + id.z * params.outputBatch + slice * params.outputPixels + pixel] = Slice(select(vec4f(), result, isChannel));
}`,
} as const satisfies Kernel<object>;
