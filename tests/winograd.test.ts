// The matrices of Winograd's convolution, in float64.

import { expect, test } from 'playwright/test';
import { type WinogradSize, winograd } from '../shaders/winograd.ts';
import { uniform } from './seeded.ts';

type Matrix = readonly (readonly number[])[];

const at = (matrix: Matrix, row: number, column: number) => matrix[row]?.[column] as number;
const transpose = (matrix: Matrix): Matrix =>
  (matrix[0] as number[]).map((_, k) => matrix.map((row) => row[k] as number));
const multiply = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transpose(b).map((column) => row.reduce((sum, value, k) => sum + value * (column[k] as number), 0)));
const both = (matrix: Matrix, inner: Matrix) => multiply(multiply(matrix, inner), transpose(matrix));

function square(name: string, size: number): Matrix {
  const numbers = [...uniform(name, size * size)];
  return Array.from({ length: size }, (_, row) => numbers.slice(row * size, (row + 1) * size));
}

for (const size of [2, 4] as const satisfies WinogradSize[]) {
  test(`${size}x${size} outputs are those of a convolution`, () => {
    const { input, filter, output } = winograd(size);
    const [tile, taps] = [square('tile', size + 2), square('taps', 3)];
    const [transformed, filters] = [both(input, tile), both(filter, taps)];
    const product = transformed.map((row, y) => row.map((value, x) => value * at(filters, y, x)));
    const result = both(transpose(output), product);
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        let sum = 0;
        for (let tap = 0; tap < 9; tap++) {
          const [ky, kx] = [Math.floor(tap / 3), tap % 3];
          sum += at(tile, y + ky, x + kx) * at(taps, ky, kx);
        }
        expect(at(result, y, x)).toBeCloseTo(sum, 13);
      }
    }
  });

  test(`${size}x${size}: what is added to the products as the ones say is added to each output`, () => {
    const { output, ones } = winograd(size);
    const result = both(
      transpose(output),
      ones.map((a) => ones.map((b) => a * b * 3)),
    );
    for (const value of result.flat()) expect(value).toBeCloseTo(3, 13);
  });
}

for (const size of [2, 4] as const satisfies WinogradSize[]) {
  test(`${size}x${size}: what half precision stores grows by two thirds at most`, () => {
    const { input, filter } = winograd(size);
    const most = (row: readonly number[] | undefined) => (row ?? []).reduce((sum, value) => sum + Math.abs(value), 0);
    expect(Math.max(...input.map(most)) ** 2).toBeLessThan(5 / 3);
    // A product, over what nine taps may make of the same numbers.
    expect(Math.max(...input.map((row, k) => most(row) * most(filter[k]))) ** 2 / 9).toBeLessThan(5 / 3);
  });
}

test('2x2: halves are all that the matrices make of integers', () => {
  const { input, filter, output, ones } = winograd(2);
  expect(input.map((row) => row.map((value) => value * 2))).toEqual([
    [-1, 0, 1, 0],
    [0, -1, 0, 1],
    [0, 1, 1, 0],
    [0, -1, 1, 0],
  ]);
  expect([filter.flat(), ones].flat().every((value) => Number.isInteger(value * 2))).toBe(true);
  expect(output.flat().every(Number.isInteger)).toBe(true);
});
