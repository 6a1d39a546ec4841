import type { RenderShader } from './kernel.ts';
import { PICTURE_TYPES, type PictureSource } from './picture.ts';
import { cover } from './picture-overlay.wgsl.ts';
import { wgsl } from './wgsl.ts';

export interface PictureEffectOptions {
  source: PictureSource;
  /**
   * What is made of the picture: nothing; where the mask is not, the same out of focus (`blur`) or another one; the classes'
   * `colours` over it.
   */
  effect: 'none' | 'blur' | 'replace' | 'cutout' | 'colours';
}

/**
 * A picture on a target of its size, pixel by pixel, with an effect. All colours are premultiplied. A pixel's share of the
 * mask is given by its luma and the line that lies in `coefficients`, see `window-mean`.
 */
export const pictureEffect = {
  /** Of the colours. */
  fields: { opacity: 'f32' },
  /** `linear` reads the two textures of an effect. `other` is the background, or the classes' colours. */
  bindings: ({ source, effect }) => ({
    input: PICTURE_TYPES[source],
    coefficients: effect !== 'none' && 'texture_2d<f32>',
    other: effect !== 'none' && 'texture_2d<f32>',
    linear: effect !== 'none' && 'sampler',
  }),
  // The block is bound in any case, so each variant names it.
  text: ({ source, effect }) => wgsl`${cover()}
  let opacity = params.opacity;
#if ${source === 'external'}
  let colour = textureLoad(input, vec2u(position.xy));
#else
  let colour = textureLoad(input, vec2u(position.xy), 0);
#endif
#if ${effect === 'none'}
  return colour;
#else
  let size = vec2f(textureDimensions(input));
  let place = position.xy / size;
  let bytes = textureSampleLevel(coefficients, linear, place, 0.0);
  let line = (bytes.yw + bytes.xz / 256.0) * 15.9375 - vec2f(8.0, 7.0);
  let luma = dot(colour.rgb, vec3f(0.299, 0.587, 0.114)) - 0.5;
  let share = saturate(luma * line.x + line.y * 0.5);
#if ${effect === 'colours'}
  let behind = textureSampleLevel(other, linear, place, 0.0);
  // Nothing where no class is found, however far the refined mask reaches.
  let over = behind * (opacity * share / max(behind.a, 0.001));
  return over + colour * (1.0 - over.a);
#else
  // Within half a level of all there is.
  if (share > 0.998) {
    return colour;
  }
  var at = place;
#if ${effect !== 'blur'}
  // The middle of another picture, as far as it covers this one.
  let part = size / vec2f(textureDimensions(other));
  at = (place - 0.5) * part / max(part.x, part.y) + 0.5;
#endif
  return mix(textureSampleLevel(other, linear, at, 0.0), colour, share);
#endif
#endif
}`,
} as const satisfies RenderShader<PictureEffectOptions>;
