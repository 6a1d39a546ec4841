import type { RenderShader } from './kernel.ts';
import { PICTURE_TYPES, type PictureSource } from './picture.ts';
import { wgsl } from './wgsl.ts';

export interface PictureEffectOptions {
  source: PictureSource;
  /**
   * What is made of the picture: nothing; `background`: another picture where the mask is not; `colours`: the classes' colours
   * over it.
   */
  effect: 'none' | 'background' | 'colours';
}

/**
 * A picture on a target of its size, pixel by pixel, with an effect. All colours are premultiplied. Three vertices make a
 * triangle that covers the target. A pixel's share of the mask is `coefficients.r` times its luma plus `coefficients.g`, see
 * `window-mean`.
 */
export const pictureEffect = {
  /** The background's place of the picture's (0 to 1) is place * scale + offset. `opacity` is the colours'. */
  fields: { scaleX: 'f32', scaleY: 'f32', offsetX: 'f32', offsetY: 'f32', opacity: 'f32' },
  /** `linear` reads the two textures of an effect. The second one is the background, or the classes' colours. */
  bindings: ({ source, effect }) => ({
    input: PICTURE_TYPES[source],
    coefficients: effect !== 'none' && 'texture_2d<f32>',
    other: effect !== 'none' && 'texture_2d<f32>',
    linear: effect !== 'none' && 'sampler',
  }),
  text: ({ source, effect }) => wgsl`@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
#if ${source === 'external'}
  let colour = textureLoad(input, vec2u(position.xy));
#else
  let colour = textureLoad(input, vec2u(position.xy), 0);
#endif
#if ${effect === 'none'}
  return colour;
#else
  let place = position.xy / vec2f(textureDimensions(input));
  let line = textureSampleLevel(coefficients, linear, place, 0.0);
  let share = saturate(dot(colour.rgb, vec3f(0.299, 0.587, 0.114)) * line.r + line.g);
#if ${effect === 'colours'}
  let found = textureSampleLevel(other, linear, place, 0.0);
  let over = found * (params.opacity * share / max(found.a, 0.001));
  return over + colour * (1.0 - over.a);
#else
  let at = place * vec2f(params.scaleX, params.scaleY) + vec2f(params.offsetX, params.offsetY);
  return mix(textureSampleLevel(other, linear, at, 0.0), colour, share);
#endif
#endif
}`,
} as const satisfies RenderShader<PictureEffectOptions>;
