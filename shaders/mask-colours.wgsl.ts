import type { Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * A mask (f32 [channels, height, width]) as a picture of the same size: the classes' colours (vec4f each, premultiplied),
 * each as strong as its class is probable; together at most opaque, also where classes are not exclusive. A thread makes one pixel.
 */
export const maskColours = {
  kind: 'mask-colours',
  fields: { channels: 'u32', maskWidth: 'u32', maskHeight: 'u32' },
  bindings: () => ({ mask: 'array<f32>', colours: 'array<vec4f>', output: 'texture_storage_2d<rgba16float, write>' }),
  threads: (_, { width, height }) => [width, height, 1],
  text: (_, main) => wgsl`${main}
  if (id.x >= params.maskWidth || id.y >= params.maskHeight) {
    return;
  }
  var sum = vec4f();
  for (var channel = 0u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    sum += colours[channel] * mask[(channel * params.maskHeight + id.y) * params.maskWidth + id.x];
  }
  textureStore(output, id.xy, sum / max(1.0, sum.a));
}`,
} as const satisfies Kernel<object>;
