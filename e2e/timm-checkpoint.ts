import { readFileSync } from 'node:fs';
import { mobileNetV3 } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { float32Tensors, safetensorsFile } from '../tests/safetensors-file.ts';
import { seededTensor } from '../tests/seeded.ts';

/** A file with the names and shapes of timm's MobileNet v3 small, and numbers of no meaning. */
export function timmCheckpoint(): Uint8Array {
  const names: Record<string, string> = JSON.parse(
    readFileSync(new URL('../tests/timm-names.json', import.meta.url), 'utf8'),
  ).mobilenetv3_small_100;
  const shapes = new Map(buildGraph(mobileNetV3({ variant: 'small' })).tensors.map(({ name, shape }) => [name, shape]));
  const tensors = Object.entries(names).map(([timm, ours]) => {
    const shape = shapes.get(ours) ?? [];
    return [timm, { shape, data: seededTensor('demo', ours, shape) }] as const;
  });
  return safetensorsFile(float32Tensors(Object.fromEntries(tensors)));
}
