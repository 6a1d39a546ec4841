import { type CompileOptions, compile, pictures } from 'linnet';
import { openTflite } from 'linnet/tflite';

/** What a file's network makes of a picture that has the size of its input: values from 0 to 1, red, green, blue. */
export async function runTflite(
  device: GPUDevice,
  { file, picture, precision = 'float32' }: { file: string; picture: string; precision?: CompileOptions['precision'] },
) {
  const { architecture, weights, inputs, outputs } = await openTflite(file);
  const preprocess = pictures({ fit: 'fill', mean: [0], std: [1] });
  const network = await compile(architecture, { weights, device, preprocess, precision, poison: true, tune: false });
  try {
    const response = await fetch(picture);
    const [input] = inputs;
    const [output] = outputs;
    const results = await network.run({ [input?.name as string]: await response.blob() });
    return { inputs, outputs, values: results[output?.name as string]?.data as Float32Array };
  } finally {
    network.destroy();
  }
}
