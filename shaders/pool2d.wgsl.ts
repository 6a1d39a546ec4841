import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { addBlock, BLOCK, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

export interface Pool2dOptions {
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
}

/**
 * Maximum or average over a window of [batch, channels, height, width]. The caller decides the output's size.
 */
export const pool2d = {
  kind: 'pool2d',
  /** `padBottom` and `padRight` matter only to an average that counts padding, `lowest` (no number is lower) to a maximum. */
  fields: { padTop: 'u32', padLeft: 'u32', padBottom: 'u32', padRight: 'u32', lowest: 'f32', ...MAP_FIELDS },
  ...MAP,
  text({ reduction, window, strides, dilations, countIncludePad = false }, main) {
    const inBlocks = reduction === 'average' && window[0] * window[1] > BLOCK;
    return wgsl`${openMap(main)}

#if ${reduction === 'max'}
  var greatest = vec4f(params.lowest);
#else
  ${inBlocks ? openSums : 'var sum = vec4f();'}
  var count = 0u;
#endif
  for (var ky = 0u; ky < ${window[0]}u; ky++) {
    // Above the map the subtraction wraps round to a number beyond its height: one comparison covers both edges.
    let paddedY = id.y * ${strides[0]}u + ky * ${dilations[0]}u;
    let y = paddedY - params.padTop;
    let row = plane + min(y, params.inputHeight - 1u) * params.inputWidth;
#if ${inBlocks}
    for (var first = 0u; first < ${window[1]}u; first += ${BLOCK}u) {
    var sum = vec4f();
    for (var kx = first; kx < min(first + ${BLOCK}u, ${window[1]}u); kx++) {
#else
    for (var kx = 0u; kx < ${window[1]}u; kx++) {
#endif
      let paddedX = id.x * ${strides[1]}u + kx * ${dilations[1]}u;
      let x = paddedX - params.padLeft;
      let inside = y < params.inputHeight && x < params.inputWidth;
      let value = vec4f(input[row + min(x, params.inputWidth - 1u)]);
#if ${reduction === 'max'}
      greatest = max(greatest, select(vec4f(params.lowest), value, inside));
#else
      sum += select(vec4f(), value, inside);
#if ${countIncludePad}
      let counted = paddedY < params.padTop + params.inputHeight + params.padBottom
        && paddedX < params.padLeft + params.inputWidth + params.padRight;
#else
      let counted = inside;
#endif
      count += select(0u, 1u, counted);
#endif
    }
#if ${inBlocks}
    ${addBlock('sum')}
    }
#endif
  }
#if ${reduction === 'max'}
  let result = greatest;
#else
  let result = ${inBlocks ? `(${total})` : 'sum'} / f32(max(count, 1u));
#endif
${storeInMap('result')}`;
  },
} as const satisfies Kernel<Pool2dOptions>;
