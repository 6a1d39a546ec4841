// What the view of layers keeps of what is faded, and how it reads masks.
import { expect, test } from 'playwright/test';
import { keyOf, strengthOf, withChange } from '../demo/layers/changes.ts';
import type { Change } from '../demo/layers/inside.ts';
import { agreement, coverage, foundIn } from '../demo/layers/masks.ts';
import { colourAt } from '../demo/network/feature-maps.wgsl.ts';

const edge = { from: 1, to: 4, operand: 'input', value: 7, first: 8, count: 8 };
const PARTS: readonly Change[] = [
  { layer: 4, kind: 'layer', strength: 0.5 },
  { layer: 4, kind: 'channel', channel: 2, strength: 0 },
  { layer: 4, kind: 'channel', channel: 3, strength: 0 },
  { layer: 4, kind: 'skip', edge, strength: 0 },
  { layer: 4, kind: 'skip', edge: { ...edge, from: 2, first: 0 }, strength: 0.25 },
  { layer: 5, kind: 'layer', strength: 0 },
];

test('a change takes the place of one of the same part, and none is kept of what is whole', () => {
  expect(new Set(PARTS.map(keyOf)).size).toBe(PARTS.length);
  const all = PARTS.reduce(withChange, [] as readonly Change[]);
  expect(all).toEqual(PARTS);
  for (const part of PARTS) {
    expect(strengthOf(all, { ...part, strength: 1 })).toBe(part.strength);
    const faded = withChange(all, { ...part, strength: 0.75 });
    expect(faded).toHaveLength(PARTS.length);
    expect(strengthOf(faded, part)).toBe(0.75);
    const whole = withChange(faded, { ...part, strength: 1 });
    expect(whole).toEqual(PARTS.filter((other) => other !== part));
    expect(strengthOf(whole, part)).toBe(1);
  }
  // An unchanged list is the same one, so that nothing is computed anew.
  expect(withChange(all, { layer: 9, kind: 'layer', strength: 1 })).toBe(all);
});

test('masks of one class are cut at a half, of several by the likeliest', () => {
  const one = Float32Array.of(0.1, 0.6, 0.9, 0.5);
  expect([0, 1, 2, 3].map(foundIn(one, 1))).toEqual([false, true, true, false]);
  expect(coverage(one, 1)).toBe(0.5);
  // Background, then two classes, of two pixels.
  const three = Float32Array.of(0.5, 0.3, 0.4, 0.3, 0.1, 0.4);
  expect([0, 1].map(foundIn(three, 3))).toEqual([false, true]);
  expect(coverage(three, 3)).toBe(0.5);
});

test('masks agree by intersection over union', () => {
  const one = Float32Array.of(1, 1, 0, 0);
  expect(agreement(one, Float32Array.of(1, 0, 1, 0), 1)).toBeCloseTo(1 / 3);
  expect(agreement(one, one, 1)).toBe(1);
  const empty = new Float32Array(4);
  expect([agreement(empty, empty, 1), agreement(one, empty, 1)]).toEqual([1, 0]);
});

test('colours are viridis’s, from its first to its last', () => {
  // matplotlib's table at 0, 1/2 and 1.
  expect(colourAt('viridis', 0)).toEqual([68, 1, 84]);
  expect(colourAt('viridis', 0.5)).toEqual([0x21, 0x91, 0x8c]);
  expect(colourAt('viridis', 1)).toEqual([253, 231, 37]);
  expect(colourAt('viridis', 2)).toEqual([253, 231, 37]);
  expect(colourAt('grey', 0.5)).toEqual([127.5, 127.5, 127.5]);
});
