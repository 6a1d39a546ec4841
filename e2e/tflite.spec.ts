// Trained networks in TFLite files: their results are those of TFLite itself.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './test.ts';

const folder = fileURLToPath(new URL('../../shared/models/person-segmenter/', import.meta.url));

const pictures = [
  { network: 'selfie_segmentation', picture: 'astronaut', height: 256 },
  { network: 'selfie_segmentation', picture: 'coffee', height: 256 },
  { network: 'selfie_segmentation', picture: 'rocket', height: 256 },
  { network: 'selfie_segmentation_landscape', picture: 'astronaut-landscape', height: 144 },
];

// In half precision PyTorch's masks are off by 3e-4 on average, and by up to 0.06.
const limits = { float32: { mean: 1e-5, worst: 2e-3 }, float16: { mean: 1e-3, worst: 0.12 } } as const;

for (const [precision, limit] of Object.entries(limits)) {
  for (const { network, picture, height } of pictures) {
    const tag = precision === 'float16' ? '@float16' : '@core';
    test(`${network} finds the person in ${precision}: ${picture}`, { tag }, async ({ run }) => {
      const file = `${folder}expected/${picture}.${height}x256.f32`;
      test.skip(!existsSync(file), 'the masks of the person segmenter are not here');
      const bytes = readFileSync(file);
      const expected = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      const { values, ...ports } = await run('runTflite', {
        file: `/mediapipe/${network}.tflite`,
        picture: `/models/person-segmenter/inputs/${picture}.png`,
        precision: precision as keyof typeof limits,
      });
      expect(ports.inputs.map(({ shape }) => shape)).toEqual([[1, 3, height, 256]]);
      expect(ports.outputs.map(({ shape }) => shape)).toEqual([[1, 1, height, 256]]);
      expect(values).toHaveLength(expected.length);
      const errors = expected.map((value, index) => Math.abs(value - (values[index] ?? Number.NaN)));
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const worst = errors.reduce((most, error) => Math.max(most, error), 0);
      console.log(`The mask of ${picture} is off by ${mean.toExponential(1)}, at most by ${worst.toExponential(1)}.`);
      expect(mean).toBeLessThanOrEqual(limit.mean);
      expect(worst).toBeLessThanOrEqual(limit.worst);
    });
  }
}
