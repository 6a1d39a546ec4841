import { type ElementType, header, storage } from './interface.ts';
import { MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * The mean over windows that divide the map into outputHeight x outputWidth parts, which may overlap: row i is that of rows
 * floor(i * height / outputHeight) to ceil((i + 1) * height / outputHeight) - 1, columns likewise.
 */
export function adaptiveAveragePool2d({ type }: { type: ElementType }): string {
  return wgsl`${header(type, MAP_FIELDS)}
${storage('input')}
${storage('output')}

${openMap}

  let top = id.y * params.inputHeight / params.outputHeight;
  let bottom = ((id.y + 1u) * params.inputHeight + params.outputHeight - 1u) / params.outputHeight;
  let left = id.x * params.inputWidth / params.outputWidth;
  let right = ((id.x + 1u) * params.inputWidth + params.outputWidth - 1u) / params.outputWidth;
  var sum = vec4f(0.0);
  for (var y = top; y < bottom; y++) {
    for (var x = left; x < right; x++) {
      sum += vec4f(input[plane + y * params.inputWidth + x]);
    }
  }
  let mean = sum / f32((bottom - top) * (right - left));
${storeInMap('mean')}`;
}
