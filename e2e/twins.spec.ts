// Whole networks that torchvision exports as ONNX files: what torch makes of the same numbers, see tests/onnx/README.md.
import { readFileSync } from 'node:fs';
import type { Exported } from '../tests/exported.ts';
import { ROUNDING } from '../tests/reference.ts';
import { expect, test } from './test.ts';

const read = (file: string) => readFileSync(new URL(`../tests/onnx/${file}`, import.meta.url));
const exported: Readonly<Record<string, Exported>> = JSON.parse(read('index.json').toString());

// Of each op that the importer adds there is one without the tag: the feature level makes no difference to the others' kernels.
const onEitherLevel = ['mobilenet_v3_small', 'shufflenet_v2', 'lraspp'];
const inHalves = ['mobilenet_v3_small', 'efficientnet_b0', 'lraspp_nhwc_11'];

for (const [name, network] of Object.entries(exported)) {
  if (!network.output) continue;
  test(`${name} from its ONNX file gives torch's output`, { tag: onEitherLevel.includes(name) ? [] : '@core' }, async ({
    run,
  }) => {
    expectTorch(name, await run('runExported', { name, ...network }));
  });
  if (!inHalves.includes(name)) continue;
  test(`${name} from its ONNX file gives torch's output in float16`, { tag: '@float16' }, async ({ run }) => {
    expectTorch(name, await run('runExported', { name, ...network, precision: 'float16' }), 'float16');
  });
}

function expectTorch(
  name: string,
  { shape, numbers }: { shape: readonly number[]; numbers: Float32Array },
  precision: keyof typeof ROUNDING = 'float32',
): void {
  const { output = [] } = exported[name]!;
  const { buffer, byteOffset, length } = read(`${name}.f32`);
  const expected = new Float32Array(buffer, byteOffset, length / 4);
  expect(shape).toEqual(output);
  expect(numbers).toHaveLength(expected.length);
  const difference = expected.map((value, index) => value - numbers[index]!);
  expect(Math.hypot(...difference) / Math.hypot(...expected)).toBeLessThanOrEqual(ROUNDING[precision].network);
  // A classifier's guess for each picture. The largest pixel of a map means nothing.
  if (output.length === 2) expect(guesses(numbers, output[1]!)).toEqual(guesses(expected, output[1]!));
}

function guesses(logits: Float32Array, classes: number): number[] {
  return Array.from({ length: logits.length / classes }, (_, picture) => {
    const row = logits.subarray(picture * classes, (picture + 1) * classes);
    return row.indexOf(Math.max(...row));
  });
}
