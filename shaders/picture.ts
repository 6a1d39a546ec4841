import { BINDINGS, type ParamFields } from './interface.ts';
import { wgsl } from './wgsl.ts';

/** A picture's binding: a `texture_2d<f32>`, or a video's frame as a `texture_external`. */
export type PictureSource = 'texture' | 'external';

/** How a picture's texture is read: 1 where its format is sRGB, and where it has one channel, which is grey. */
export const PICTURE_FIELDS = { srgb: 'u32', grey: 'u32' } as const satisfies ParamFields;

/**
 * Declares the picture, `input`, and `fn texel(at: vec2u) -> vec4f`: a texel as its texture stores it. Loading from an sRGB
 * format makes its colours linear, which is undone here.
 */
export const picture = (
  source: PictureSource,
) => wgsl`@group(0) @binding(${BINDINGS.input}) var input: ${source === 'external' ? 'texture_external' : 'texture_2d<f32>'};

fn texel(at: vec2u) -> vec4f {
#if ${source === 'external'}
  return textureLoad(input, at);
#else
  let texel = textureLoad(input, at, 0);
  if (params.srgb == 0u) {
    return texel;
  }
  let curved = 1.055 * pow(texel.rgb, vec3f(1.0 / 2.4)) - 0.055;
  return vec4f(select(curved, texel.rgb * 12.92, texel.rgb <= vec3f(0.0031308)), texel.a);
#endif
}`;
