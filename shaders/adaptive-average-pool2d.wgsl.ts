import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { addBlock, BLOCK, openSums, total } from './sums.ts';
import { wgsl } from './wgsl.ts';

/**
 * The mean over windows that divide the map into outputHeight x outputWidth parts, which may overlap: row i is that of rows
 * floor(i * height / outputHeight) to ceil((i + 1) * height / outputHeight) - 1, columns likewise.
 */
export const adaptiveAveragePool2d = {
  kind: 'adaptive-average-pool2d',
  fields: MAP_FIELDS,
  ...MAP,
  text(_, main) {
    return wgsl`
// floor((index * size + more) / parts), also where the product has more than 32 bits: of a lower bound that is off by less
// than 2^-18 of the quotient, the rest is exact modulo 2^32.
fn share(index: u32, size: u32, parts: u32, more: u32) -> u32 {
  let near = u32(f32(index) * f32(size) / f32(parts) * 0.999999);
  return near + (index * size + more - near * parts) / parts;
}

${openMap(main)}

  let top = share(id.y, params.inputHeight, params.outputHeight, 0u);
  let bottom = share(id.y + 1u, params.inputHeight, params.outputHeight, params.outputHeight - 1u);
  let left = share(id.x, params.inputWidth, params.outputWidth, 0u);
  let right = share(id.x + 1u, params.inputWidth, params.outputWidth, params.outputWidth - 1u);
  ${openSums}
  for (var y = top; y < bottom; y++) {
    let row = plane + y * params.inputWidth;
    for (var first = left; first < right; first += ${BLOCK}u) {
      var block = vec4f();
      for (var x = first; x < min(first + ${BLOCK}u, right); x++) {
        block += vec4f(input[row + x]);
      }
      ${addBlock('block')}
    }
  }
  let mean = (${total}) / f32((bottom - top) * (right - left));
${storeInMap('mean')}`;
  },
} as const satisfies Kernel<object>;
