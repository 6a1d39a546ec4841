import type { ParamFields } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/** What a picture, `input`, is bound as: a texture, or a video's frame. */
export const PICTURE_TYPES = { texture: 'texture_2d<f32>', external: 'texture_external' } as const;

export type PictureSource = keyof typeof PICTURE_TYPES;

/** How a picture's texture is read: 1 where its format is sRGB, and where it has one channel, which is grey. */
export const PICTURE_FIELDS = { srgb: 'u32', grey: 'u32' } as const satisfies ParamFields;

/**
 * `fn texel(at: vec2u) -> vec4f`: a texel as its texture stores it. Loading from an sRGB
 * format makes its colours linear, which is undone here.
 */
export const texel = (source: PictureSource) => wgsl`fn texel(at: vec2u) -> vec4f {
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
