import { expect, test } from 'playwright/test';
import { phasesOf, placeOf } from '../shaders/phases.ts';

// A transposed convolution by its definition: input i adds its product with tap k to output i * stride + k * dilation - padding.
const strides = [1, 2, 3, 4, 5, 6, 8, 12];
const dilations = [1, 2, 3, 4, 5, 6, 8, 9];
const size = 7;

for (const stride of strides) {
  test(`the taps of each output, with stride ${stride}`, () => {
    for (const dilation of dilations) {
      const { divisor, period, inverse, step } = phasesOf(stride, dilation);
      for (let padded = 0; padded < 60; padded++) {
        const taps = Array.from({ length: size }, (_, k) => k).filter((k) => (padded - k * dilation) % stride === 0);
        const first = padded % divisor === 0 ? ((padded / divisor) * inverse) % period : size;
        const found: number[] = [];
        for (let k = first; k < size; k += period) found.push(k);
        expect(found, `dilation ${dilation}, output at ${padded}`).toEqual(taps);
        const inputs = taps.map((k) => (padded - k * dilation) / stride);
        expect(inputs, `inputs for dilation ${dilation}, output at ${padded}`).toEqual(
          taps.map((_, turn) => (inputs[0] as number) - turn * step),
        );
      }
    }
  });

  test(`the place where each tap adds, with stride ${stride}`, () => {
    for (const dilation of dilations) {
      for (let padding = 0; padding < 9; padding++) {
        for (let k = 0; k < size; k++) {
          const { phase, input } = placeOf(k, { stride, dilation, padding });
          expect(phase).toBeGreaterThanOrEqual(0);
          expect(phase).toBeLessThan(stride);
          // Of the cell at output 5 * stride.
          expect((5 + input) * stride + k * dilation - padding).toBe(5 * stride + phase);
        }
      }
    }
  });
}
