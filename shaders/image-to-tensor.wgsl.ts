import { type Kernel, SLICES } from './kernel.ts';
import { PICTURE_FIELDS, PICTURE_TYPES, type PictureSource, texel } from './picture.ts';
import { wgsl } from './wgsl.ts';

export interface ImageToTensorOptions {
  source: PictureSource;
  /** Red, green and blue, or their luma in lane 0 with the scale and bias of red. */
  channels: 1 | 3;
  interpolation: 'bilinear' | 'bicubic';
}

/**
 * Resizes, crops and normalises a picture (premultiplied, laid over white) into slice 0 of an input tensor:
 * colour in 0..1 * scale + bias, and 0, the mean colour, outside the destination rectangle.
 *
 * The filter is Pillow's antialiased one (`precompute_coeffs` in its src/libImaging/Resample.c): a triangle, or a cubic
 * with a = -0.5, that covers at least one source pixel to either side of the centre (the cubic two) and at least one
 * destination pixel. Pillow filters rows first and keeps 8 bits of them. Taps may lie outside the crop but not outside the
 * picture, which equals resizing first and cropping then.
 *
 * A thread makes one pixel.
 */
export const imageToTensor = {
  kind: 'image-to-tensor',
  /**
   * The whole picture lands on the destination rectangle, in the tensor's pixels (whole numbers), which may reach beyond the
   * tensor. `levels` is 255 for colours of 8 bits, 0 for finer ones.
   */
  fields: {
    destX: 'f32',
    destY: 'f32',
    destWidth: 'f32',
    destHeight: 'f32',
    outputWidth: 'u32',
    outputHeight: 'u32',
    outputOffset: 'u32',
    levels: 'f32',
    ...PICTURE_FIELDS,
    scaleRed: 'f32',
    scaleGreen: 'f32',
    scaleBlue: 'f32',
    biasRed: 'f32',
    biasGreen: 'f32',
    biasBlue: 'f32',
  },
  bindings: ({ source }) => ({ input: PICTURE_TYPES[source], output: SLICES }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ source, channels, interpolation }, main) => wgsl`${texel(source)}

fn weigh(distance: f32) -> f32 {
  let x = abs(distance);
#if ${interpolation === 'bicubic'}
  let near = (1.5 * x - 2.5) * x * x + 1.0;
  let far = ((2.5 - 0.5 * x) * x - 4.0) * x + 2.0;
  return select(select(0.0, far, x < 2.0), near, x < 1.0);
#else
  return max(1.0 - x, 0.0);
#endif
}

fn rounded(colour: vec3f) -> vec3f {
  if (params.levels == 0.0) {
    return colour;
  }
  return floor(saturate(colour) * params.levels + 0.5) / params.levels;
}

${main}
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let result = params.outputOffset + id.y * params.outputWidth + id.x;
  let position = vec2f(id.xy) + 0.5 - vec2f(params.destX, params.destY);
  let destSize = vec2f(params.destWidth, params.destHeight);
  if (any(position != clamp(position, vec2f(), destSize))) {
    output[result] = Slice();
    return;
  }

  let size = vec2f(textureDimensions(input));
  let scale = size / destSize;
  let centre = position * scale;
  let wide = max(scale, vec2f(1.0));
  let support = wide * ${interpolation === 'bicubic' ? '2.0' : '1.0'};
  let first = vec2u(max(floor(centre - support + 0.5), vec2f()));
  let end = vec2u(min(floor(centre + support + 0.5), size));

  var sum = vec3f();
  var total = 0.0;
  for (var y = first.y; y < 0xffffffffu; y++) {
    if (y >= end.y) {
      break;
    }
    var line = vec4f();
    var lineTotal = 0.0;
    for (var x = first.x; x < 0xffffffffu; x++) {
      if (x >= end.x) {
        break;
      }
      let weight = weigh((f32(x) + 0.5 - centre.x) / wide.x);
      line += weight * texel(vec2u(x, y));
      lineTotal += weight;
    }
    line /= lineTotal;
    let weight = weigh((f32(y) + 0.5 - centre.y) / wide.y);
    sum += weight * rounded(line.rgb + (1.0 - line.a));
    total += weight;
  }
  sum = rounded(sum / total);
  let colour = select(sum, sum.rrr, params.grey == 1u);

#if ${channels === 3}
  let scaled = colour * vec3f(params.scaleRed, params.scaleGreen, params.scaleBlue);
  let value = vec4f(scaled + vec3f(params.biasRed, params.biasGreen, params.biasBlue), 0.0);
#else
  let luma = dot(colour, vec3f(0.299, 0.587, 0.114));
  let value = vec4f(luma * params.scaleRed + params.biasRed, vec3f());
#endif
  output[result] = Slice(value);
}`,
} as const satisfies Kernel<ImageToTensorOptions>;
