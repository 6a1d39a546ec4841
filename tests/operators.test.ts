import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { operatorsPage } from '../bench/operators.mjs';

test('docs/operators.md has the operators that the code has', () => {
  const page = readFileSync(new URL('../docs/operators.md', import.meta.url), 'utf8');
  expect(page).toContain('| `Conv` |');
  expect(page).toContain('| `DEPTHWISE_CONV_2D` |');
  // `npm run operators -- --update` writes it.
  expect(page).toBe(operatorsPage());
});
