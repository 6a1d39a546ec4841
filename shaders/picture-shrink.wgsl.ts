import type { Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * A picture at another size, mostly a smaller one. A thread makes one pixel: the mean of `samples` x `samples` places in it,
 * each interpolated between four of the picture's pixels, so that two samples see all of what is shrunk to a quarter.
 */
export const pictureShrink = {
  kind: 'picture-shrink',
  fields: { width: 'u32', height: 'u32', samples: 'u32' },
  bindings: () => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    output: 'texture_storage_2d<rgba8unorm, write>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: (_, main) => wgsl`${main}
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let size = vec2f(vec2u(params.width, params.height));
  var sum = vec4f();
  for (var y = 0u; y < 64u; y++) {
    if (y >= params.samples) {
      break;
    }
    for (var x = 0u; x < 64u; x++) {
      if (x >= params.samples) {
        break;
      }
      let within = (vec2f(vec2u(x, y)) + 0.5) / f32(params.samples);
      sum += textureSampleLevel(input, linear, (vec2f(id.xy) + within) / size, 0.0);
    }
  }
  textureStore(output, id.xy, sum / f32(params.samples * params.samples));
}`,
} as const satisfies Kernel<object>;
