import { expect, test } from 'playwright/test';
import { phasesOf, tapAt } from '../shaders/phases.ts';

// A transposed convolution by its definition: input i adds its product with tap k to output i * stride + k * dilation - padding.
const strides = [1, 2, 3, 4, 5, 6, 8, 12];
const dilations = [1, 2, 3, 4, 5, 6, 8, 9];
const taps = [0, 1, 2, 3, 4, 5, 6];

test('the taps of each output, and the inputs that they read', () => {
  const wrong: unknown[] = [];
  for (const stride of strides) {
    for (const dilation of dilations) {
      const { divisor, period, inverse, step } = phasesOf(stride, dilation);
      for (let padded = 0; padded < 60; padded++) {
        const expected = taps.filter((k) => (padded - k * dilation) % stride === 0);
        const first = padded % divisor === 0 ? ((padded / divisor) * inverse) % period : Infinity;
        const found = taps.filter((k) => k >= first && (k - first) % period === 0);
        const inputs = expected.map((k) => (padded - k * dilation) / stride);
        const isRight = found.join() === expected.join() && inputs.every((i, turn) => i === inputs[0]! - turn * step);
        if (!isRight) wrong.push({ stride, dilation, padded, found, expected, inputs, step });
      }
    }
  }
  expect(wrong).toEqual([]);
});

test('the place where each tap adds', () => {
  const wrong: unknown[] = [];
  for (const stride of strides) {
    for (const dilation of dilations) {
      for (const padding of [0, 1, 2, 3, 4, 8]) {
        for (const k of taps) {
          const { phase, input } = tapAt(k, { stride, dilation, padding });
          // Counted from the output 5 * stride.
          const isRight = (5 + input) * stride + k * dilation - padding === 5 * stride + phase;
          if (!isRight || phase < 0 || phase >= stride) wrong.push({ stride, dilation, padding, k, phase, input });
        }
      }
    }
  }
  expect(wrong).toEqual([]);
});
