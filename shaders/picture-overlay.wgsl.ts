import { BINDINGS, header, type ParamFields } from './interface.ts';
import { locate, MASK_FIELDS } from './mask.ts';
import { wgsl } from './wgsl.ts';

/** `cutout` is 0 or 1. */
export const PICTURE_OVERLAY_FIELDS = {
  ...MASK_FIELDS,
  outputWidth: 'f32',
  outputHeight: 'f32',
  opacity: 'f32',
  cutout: 'u32',
} as const satisfies ParamFields;

/** Beside those of `BINDINGS`: the coloured mask is `weights`, what reads it and the picture is `scale`. */
export type PictureOverlayOptions = { source: 'texture' | 'external' };

/**
 * A picture that fills the output, with a coloured mask laid over it, or cut out by the mask's alpha. All colours are
 * premultiplied. Three vertices make a triangle that covers the output.
 */
export function pictureOverlay({ source }: PictureOverlayOptions): string {
  return wgsl`${header('f32', PICTURE_OVERLAY_FIELDS)}
@group(0) @binding(${BINDINGS.input}) var picture: ${source === 'external' ? 'texture_external' : 'texture_2d<f32>'};
@group(0) @binding(${BINDINGS.weights}) var mask: texture_2d<f32>;
@group(0) @binding(${BINDINGS.scale}) var linear: sampler;

${locate}

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

@fragment
fn main(@builtin(position) position: vec4f) -> @location(0) vec4f {
  let size = vec2f(params.outputWidth, params.outputHeight);
#if ${source === 'external'}
  let colour = textureSampleBaseClampToEdge(picture, linear, position.xy / size);
#else
  let colour = textureSampleLevel(picture, linear, position.xy / size, 0.0);
#endif
  let location = locate(position.xy);
  let uv = location.at / vec2f(vec2u(params.maskWidth, params.maskHeight));
  let over = textureSampleLevel(mask, linear, uv, 0.0) * select(0.0, params.opacity, location.known);
  return select(over + colour * (1.0 - over.a), colour * over.a, params.cutout == 1u);
}`;
}
