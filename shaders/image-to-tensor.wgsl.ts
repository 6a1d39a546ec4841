import { BINDINGS, type ElementType, header, type ParamFields, storage } from './interface.ts';
import { wgsl } from './wgsl.ts';

/**
 * The source rectangle, in the picture's pixels, lands on the destination rectangle, in the tensor's (whole numbers).
 * `textureWidth` and `textureHeight` bound the picture, which may be smaller than its texture.
 */
export const IMAGE_TO_TENSOR_FIELDS = {
  sourceX: 'f32',
  sourceY: 'f32',
  sourceWidth: 'f32',
  sourceHeight: 'f32',
  textureWidth: 'u32',
  textureHeight: 'u32',
  destX: 'f32',
  destY: 'f32',
  destWidth: 'f32',
  destHeight: 'f32',
  outputWidth: 'u32',
  outputHeight: 'u32',
  outputOffset: 'u32',
  scaleRed: 'f32',
  scaleGreen: 'f32',
  scaleBlue: 'f32',
  biasRed: 'f32',
  biasGreen: 'f32',
  biasBlue: 'f32',
} as const satisfies ParamFields;

export type ImageToTensorOptions = {
  type: ElementType;
  /** A `texture_2d<f32>` that is not sRGB (loading from one would undo the gamma), or a `texture_external`; bound as `input`. */
  source: 'texture' | 'external';
  /** Red, green and blue, or their luma in lane 0 with the scale and bias of red. */
  channels: 1 | 3;
};

/**
 * Crops, resizes and normalises a picture (premultiplied, laid over white) into slice 0 of an input tensor:
 * colour in 0..1 * scale + bias, and 0, the mean colour, outside the destination rectangle.
 *
 * The filter is Pillow's antialiased bilinear one (`precompute_coeffs` in its src/libImaging/Resample.c): a triangle that
 * covers at least one source pixel to either side of the centre and at least one destination pixel. Its taps may lie
 * outside the source rectangle but not outside the picture, which equals resizing first and cropping then.
 *
 * A thread makes one pixel. Grid: ceil(outputWidth / 8), ceil(outputHeight / 4), 1.
 */
export function imageToTensor({ type, source, channels }: ImageToTensorOptions): string {
  return wgsl`${header(type, IMAGE_TO_TENSOR_FIELDS)}
@group(0) @binding(${BINDINGS.input}) var input: ${source === 'external' ? 'texture_external' : 'texture_2d<f32>'};
${storage('output')}

@compute @workgroup_size(8, 4, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let index = params.outputOffset + id.y * params.outputWidth + id.x;
  let position = vec2f(id.xy) + 0.5 - vec2f(params.destX, params.destY);
  let destSize = vec2f(params.destWidth, params.destHeight);
  if (any(position < vec2f(0.0)) || any(position > destSize)) {
    output[index] = Slice();
    return;
  }

  let scale = vec2f(params.sourceWidth, params.sourceHeight) / destSize;
  let centre = vec2f(params.sourceX, params.sourceY) + position * scale;
  let support = max(scale, vec2f(1.0));
  let first = vec2i(max(floor(centre - support + 0.5), vec2f(0.0)));
  let end = min(vec2i(floor(centre + support + 0.5)), vec2i(vec2u(params.textureWidth, params.textureHeight)));

  var sum = vec4f(0.0);
  var total = 0.0;
  for (var row = 0; row < 65536; row++) {
    let y = first.y + row;
    if (y >= end.y) {
      break;
    }
    let weightY = max(1.0 - abs(f32(y) + 0.5 - centre.y) / support.y, 0.0);
    for (var column = 0; column < 65536; column++) {
      let x = first.x + column;
      if (x >= end.x) {
        break;
      }
      let weight = weightY * max(1.0 - abs(f32(x) + 0.5 - centre.x) / support.x, 0.0);
#if ${source === 'external'}
      sum += weight * textureLoad(input, vec2i(x, y));
#else
      sum += weight * textureLoad(input, vec2i(x, y), 0);
#endif
      total += weight;
    }
  }
  let pixel = sum / total;
  let colour = pixel.rgb + (1.0 - pixel.a);

#if ${channels === 3}
  let scaled = colour * vec3f(params.scaleRed, params.scaleGreen, params.scaleBlue);
  output[index] = Slice(vec4f(scaled + vec3f(params.biasRed, params.biasGreen, params.biasBlue), 0.0));
#else
  let luma = dot(colour, vec3f(0.299, 0.587, 0.114));
  output[index] = Slice(vec4f(luma * params.scaleRed + params.biasRed, 0.0, 0.0, 0.0));
#endif
}`;
}
