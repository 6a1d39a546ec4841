import { type ElementType, header, type ParamFields, storage } from './interface.ts';
import { MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/** `padBottom` and `padRight` matter only to an average that counts padding. */
export const POOL2D_FIELDS = {
  padTop: 'u32',
  padLeft: 'u32',
  padBottom: 'u32',
  padRight: 'u32',
  ...MAP_FIELDS,
} as const satisfies ParamFields;

export type Pool2dOptions = {
  type: ElementType;
  reduction: 'max' | 'average';
  /** Height, then width, as in the two pairs below. */
  window: readonly [number, number];
  strides: readonly [number, number];
  dilations: readonly [number, number];
  /**
   * Whether an average divides by the taps within the padded map; otherwise by those within the map alone.
   * Taps beyond the padding, where rounding the output size up makes a window overhang, never count (as in PyTorch).
   */
  countIncludePad?: boolean;
};

/**
 * Maximum or average over a window of [batch, channels, height, width]. The caller decides the output's size.
 */
export function pool2d({
  type,
  reduction,
  window,
  strides,
  dilations,
  countIncludePad = false,
}: Pool2dOptions): string {
  // An infinity is not portable in WGSL, and the lowest f32 would become one when it is stored as f16.
  const lowest = type === 'f16' ? '-65504.0' : '-0x1.fffffep+127f';
  return wgsl`${header(type, POOL2D_FIELDS)}
${storage('input')}
${storage('output')}

${openMap}

#if ${reduction === 'max'}
  var greatest = vec4f(${lowest});
#else
  var sum = vec4f(0.0);
  var count = 0.0;
#endif
  for (var ky = 0u; ky < ${window[0]}u; ky++) {
    // Above the map the subtraction wraps round to a number beyond its height: one comparison covers both edges.
    let paddedY = id.y * ${strides[0]}u + ky * ${dilations[0]}u;
    let y = paddedY - params.padTop;
    let row = plane + min(y, params.inputHeight - 1u) * params.inputWidth;
    for (var kx = 0u; kx < ${window[1]}u; kx++) {
      let paddedX = id.x * ${strides[1]}u + kx * ${dilations[1]}u;
      let x = paddedX - params.padLeft;
      let inside = y < params.inputHeight && x < params.inputWidth;
      let value = vec4f(input[row + min(x, params.inputWidth - 1u)]);
#if ${reduction === 'max'}
      greatest = max(greatest, select(vec4f(${lowest}), value, inside));
#else
      sum += select(vec4f(0.0), value, inside);
#if ${countIncludePad}
      let counted = paddedY < params.padTop + params.inputHeight + params.padBottom
        && paddedX < params.padLeft + params.inputWidth + params.padRight;
#else
      let counted = inside;
#endif
      count += select(0.0, 1.0, counted);
#endif
    }
  }
#if ${reduction === 'max'}
  let result = greatest;
#else
  let result = sum / max(count, 1.0);
#endif
${storeInMap('result')}`;
}
