// Where lines of the demo's texts may not break, and that Korean has its words for what cards say.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { korean } from '../demo/shared/strings/ko.ts';
import { unbroken } from '../demo/shared/strings/unbroken.ts';

test('sizes, units, and Korean particles after a sign, stay in their line', () => {
  const words = {
    size: (side: number) => `A window of ${side} × ${side}, or K × K`,
    share: '이미지의 55%를',
    memory: (bytes: string, time: string) => `${bytes}를 ${time} 만에, 3 Bytes`,
    growth: 'here k = 32',
    nested: { list: ['연결(skip connection)은 왼쪽'] },
    count: 3,
  };
  const { size, share, memory, growth, nested, count } = unbroken(words);
  expect(size(3)).toBe('A window of 3\u00a0×\u00a03, or K\u00a0×\u00a0K');
  expect(share).toBe('이미지의 55%\u2060를');
  expect(memory('77.6 MiB', '2.4 ms')).toBe('77.6\u00a0MiB를 2.4\u00a0ms 만에, 3 Bytes');
  expect(growth).toBe('here k\u00a0=\u00a032');
  expect(nested.list).toEqual(['연결(skip connection)\u2060은 왼쪽']);
  expect(count).toBe(3);
});

test('every data set that a card of the demo names has a Korean name', () => {
  const shown = new URL('../demo/public/', import.meta.url);
  const cards = readdirSync(shown, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(^|\/)(cards\/.*|card)\.json$/.test(path),
  );
  const datasets = cards.flatMap((path) => {
    const { accuracy } = JSON.parse(readFileSync(new URL(path, shown), 'utf8')) as { accuracy?: { dataset: string } };
    return accuracy ? [accuracy.dataset] : [];
  });
  expect(datasets.length).toBeGreaterThan(5);
  for (const dataset of datasets) expect(korean.datasets[dataset], dataset).toMatch(/[가-힣]/);
});
