import { openOnnx } from 'linnet/onnx';
import { type Exported, weightsOf } from '../../tests/exported.ts';
import type { ROUNDING } from '../../tests/reference.ts';
import { uniform } from '../../tests/seeded.ts';
import { compileKeeping } from './kept-pipelines.ts';

/** What an exported network of tests/onnx/ makes of the seeded image: its output's shape, and every `step`th number. */
export async function runExported(
  device: GPUDevice,
  {
    name,
    input,
    sizes,
    step = 1,
    precision = 'float32',
  }: Exported & { name: string; precision?: keyof typeof ROUNDING },
) {
  const file = new Uint8Array(await (await fetch(`/exported/${name}.onnx`)).arrayBuffer());
  const { architecture, weights } = await openOnnx([new File([file], `${name}.onnx`), weightsOf(file)], { sizes });
  const net = await compileKeeping(architecture, { weights, device, precision });
  try {
    const elements = input.reduce((product, size) => product * size, 1);
    const [output] = Object.values(await net.run({ image: Float32Array.from(uniform('input', elements)) }));
    return { shape: output!.shape, numbers: output!.data.filter((_, index) => index % step === 0) };
  } finally {
    net.destroy();
  }
}
