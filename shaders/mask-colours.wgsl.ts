import { BINDINGS, header, openMain, type ParamFields, storage } from './interface.ts';
import { wgsl } from './wgsl.ts';

export const MASK_COLOURS_FIELDS = {
  channels: 'u32',
  maskWidth: 'u32',
  maskHeight: 'u32',
} as const satisfies ParamFields;

/**
 * A mask (f32 [channels, height, width]) as a picture of the same size: the classes' colours (vec4f each, premultiplied),
 * each as strong as its class is probable; together at most opaque, also where classes are not exclusive. A thread makes one pixel. Grid: ceil(maskWidth / 8), ceil(maskHeight / 4), 1.
 */
export function maskColours(): string {
  return wgsl`${header('float32', MASK_COLOURS_FIELDS)}
${storage('input', 'f32')}
${storage('scale', 'vec4f')}
@group(0) @binding(${BINDINGS.output}) var output: texture_storage_2d<rgba16float, write>;

${openMain([8, 4])}
  if (id.x >= params.maskWidth || id.y >= params.maskHeight) {
    return;
  }
  var sum = vec4f();
  for (var channel = 0u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    sum += scale[channel] * input[(channel * params.maskHeight + id.y) * params.maskWidth + id.x];
  }
  textureStore(output, id.xy, sum / max(1.0, sum.a));
}`;
}
