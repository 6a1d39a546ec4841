import type { RenderShader } from './kernel.ts';
import { locate, MASK_FIELDS } from './mask.ts';
import { PICTURE_FIELDS, PICTURE_TYPES, type PictureSource, texel } from './picture.ts';
import { wgsl } from './wgsl.ts';

/** The vertex shader whose three vertices make a triangle that covers the target, and what a fragment's shader begins with. */
export const cover = () => wgsl`@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {`;

export type PictureOverlayOptions = {
  source: PictureSource;
  /** Whether the target's format is sRGB, which takes linear colours. */
  linear: boolean;
};

/**
 * A picture on a transparent target, with a coloured mask laid over it, or cut out by the mask's alpha. All colours are
 * premultiplied. Textures are filtered here, as float32 formats
 * and colours that are stored as sRGB cannot be filtered by a sampler.
 */
export const pictureOverlay = {
  /** The picture lands on the destination rectangle, in the target's pixels. `cutout` is 0 or 1. */
  fields: {
    ...MASK_FIELDS,
    ...PICTURE_FIELDS,
    destX: 'f32',
    destY: 'f32',
    destWidth: 'f32',
    destHeight: 'f32',
    opacity: 'f32',
    cutout: 'u32',
  },
  /** `linear` reads the coloured mask, and a video's frame. */
  bindings: ({ source }) => ({
    input: PICTURE_TYPES[source],
    mask: 'texture_2d<f32>',
    linear: 'sampler',
  }),
  text: ({ source, linear }) => wgsl`${texel(source)}

${locate}

#if ${source === 'texture'}
fn filtered(uv: vec2f) -> vec4f {
  let last = textureDimensions(input) - 1u;
  let at = clamp(uv * vec2f(last + 1u) - 0.5, vec2f(), vec2f(last));
  let first = vec2u(at);
  let next = min(first + 1u, last);
  let part = at - vec2f(first);
  let upper = mix(texel(first), texel(vec2u(next.x, first.y)), part.x);
  let lower = mix(texel(vec2u(first.x, next.y)), texel(next), part.x);
  let colour = mix(upper, lower, part.y);
  return select(colour, colour.rrra, params.grey == 1u);
}
#endif

${cover()}
  let at = position.xy - vec2f(params.destX, params.destY);
  let uv = at / vec2f(params.destWidth, params.destHeight);
  if (any(uv != saturate(uv))) {
    return vec4f();
  }
#if ${source === 'external'}
  let colour = textureSampleBaseClampToEdge(input, linear, uv);
#else
  let colour = filtered(uv);
#endif
  let location = locate(at);
  let maskUv = location.at / vec2f(vec2u(params.maskWidth, params.maskHeight));
  let over = textureSampleLevel(mask, linear, maskUv, 0.0) * select(0.0, params.opacity, location.known);
  let drawn = select(over + colour * (1.0 - over.a), colour * over.a, params.cutout == 1u);
#if ${linear}
  let curved = pow((drawn.rgb + 0.055) / 1.055, vec3f(2.4));
  return vec4f(select(curved, drawn.rgb / 12.92, drawn.rgb <= vec3f(0.04045)), drawn.a);
#else
  return drawn;
#endif
}`,
} as const satisfies RenderShader<PictureOverlayOptions>;
