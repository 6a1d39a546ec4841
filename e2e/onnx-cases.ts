// ONNX's own backend tests, as Debian's package libonnx-testdata has them.
import { existsSync, readdirSync } from 'node:fs';

export const onnxTestData = '/usr/share/libonnx-testdata/data/';

/** `suite/case`, in order; none where the package is not installed. */
export function onnxCases(): string[] {
  if (!existsSync(onnxTestData)) return [];
  return ['node', 'pytorch-converted', 'pytorch-operator', 'simple'].flatMap((suite) =>
    readdirSync(`${onnxTestData}${suite}`).flatMap((name) =>
      existsSync(`${onnxTestData}${suite}/${name}/model.onnx`) ? [`${suite}/${name}`] : [],
    ),
  );
}

/** How many inputs and outputs each data set of a case has. */
export function dataSetsOf(name: string): { folder: string; inputs: number; outputs: number }[] {
  return readdirSync(`${onnxTestData}${name}`)
    .filter((folder) => folder.startsWith('test_data_set_'))
    .sort()
    .map((folder) => {
      const files = readdirSync(`${onnxTestData}${name}/${folder}`);
      const count = (role: string) => files.filter((file) => file.startsWith(role)).length;
      return { folder, inputs: count('input_'), outputs: count('output_') };
    });
}
