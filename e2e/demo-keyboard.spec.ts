// Every view of the demo by keyboard alone: where the Tab key leads, that one sees where it is, and what keeps its place.
import type { Page } from 'playwright/test';
import { VIEWS } from '../demo/frame/views.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { expect, test } from './test.ts';
import { answer } from './try-it.ts';

/** All that the Tab key should lead to, in the page's order: of a group of radios the one that is chosen, or its first. */
const noteStops = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const can = 'a[href], button, input, select, textarea, summary, [tabindex]';
    const all = [...document.querySelectorAll<HTMLElement>(can)].filter(
      (element) => element.tabIndex >= 0 && !element.matches(':disabled') && element.checkVisibility(),
    );
    const stops = all.filter((element) => {
      if (!(element instanceof HTMLInputElement) || element.type !== 'radio' || element.name === '') return true;
      const group = all.filter((each) => each instanceof HTMLInputElement && each.name === element.name);
      return (group.find((each) => (each as HTMLInputElement).checked) ?? group[0]) === element;
    });
    for (const [index, element] of stops.entries()) element.dataset.stop = String(index);
    return stops.map(
      (element, index) =>
        `${index} ${element.tagName} ${element.ariaLabel ?? element.textContent?.trim().slice(0, 30)}`,
    );
  });

interface Focused {
  /** Its number among the stops; nothing for the page, and for what is none. */
  readonly stop: string | undefined;
  readonly element: string;
  readonly isMarked: boolean;
  readonly isOnScreen: boolean;
}

/** What has the focus, and whether one sees it: of a hidden field its label shows it. */
const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const seen = element.matches('.hidden') ? (element.closest('label') ?? element) : element;
    const { outlineStyle, outlineWidth, outlineOffset, outlineColor, backgroundColor } = getComputedStyle(seen);
    const isLost = Number.parseFloat(outlineOffset) < 0 && outlineColor === backgroundColor;
    const { left, right, top, bottom } = seen.getBoundingClientRect();
    return {
      stop: element.dataset.stop,
      element: `${element.tagName} ${element.ariaLabel ?? element.textContent?.trim().slice(0, 30)}`,
      isMarked: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1 && !isLost,
      isOnScreen: right > 0 && left < innerWidth && bottom > 0 && top < innerHeight,
    };
  });

/** Figures and tables that are wider than their box, and that no key reaches. */
const unscrollable = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const stuck: string[] = [];
    for (const box of document.querySelectorAll<HTMLElement>('main *')) {
      if (!box.checkVisibility() || !/auto|scroll/.test(getComputedStyle(box).overflowX)) continue;
      if (box.scrollWidth <= box.clientWidth + 1) continue;
      const inside = box.querySelector('a[href], button, input, select, [tabindex="0"]');
      if (box.tabIndex < 0 && !inside) stuck.push(`${box.tagName}.${box.className}`);
    }
    return stuck;
  });

/** What comes last in views that wait for a network. */
const LAST: Readonly<Record<string, string>> = {
  try: '.details',
  layers: '.switches',
  compare: 'table',
  'how-it-runs': 'table',
};

for (const { id, heading } of VIEWS) {
  test(`the Tab key leads through ${id}, once to each control, and one sees where it is`, async ({ page }) => {
    await page.goto(`?lang=en#${id}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading.en);
    const last = LAST[id];
    if (last) await expect(page.locator(last).first()).toBeVisible();
    // Until what is computed stands there.
    await page.waitForTimeout(3000);
    const reveal = page.getByRole('button', { name: 'Just show me' });
    for (let left = await reveal.count(); left > 0; left--) await reveal.first().press('Enter');
    await page.evaluate(() => (document.activeElement as HTMLElement).blur());
    const stops = await noteStops(page);
    expect(stops.length).toBeGreaterThan(12);
    const visited: string[] = [];
    const unseen: string[] = [];
    await page.evaluate(() => {
      const first = document.querySelector<HTMLElement>('.skip')!;
      first.focus();
    });
    for (let press = 0; press < stops.length + 5; press++) {
      const { stop, element, isMarked, isOnScreen } = await focused(page);
      if (element.startsWith('BODY')) break;
      visited.push(stop === undefined ? `no stop: ${element}` : (stops[Number(stop)] as string));
      if (!isMarked) unseen.push(`no outline: ${element}`);
      if (!isOnScreen) unseen.push(`out of sight: ${element}`);
      await page.keyboard.press('Tab');
    }
    expect(visited).toEqual(stops);
    expect(unseen).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await unscrollable(page)).toEqual([]);
  });
}

test('arrow keys go from sample to sample, and the group is one stop', async ({ page }) => {
  for (const [view, samples] of [
    ['try', 'Samples'],
    ['layers', 'Picture'],
    ['why-unet', 'Drawings'],
  ] as const) {
    await page.goto(`?lang=en&network=drawings&picture=drawings/castle#${view}`);
    const radios = page.getByRole('group', { name: samples }).getByRole('radio');
    await radios.first().waitFor();
    await page.waitForTimeout(2000);
    const chosen = radios.and(page.locator(':checked'));
    await chosen.focus();
    const before = await chosen.evaluate((radio) => radio.parentElement?.querySelector('img')?.alt);
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => chosen.evaluate((radio) => radio.parentElement?.querySelector('img')?.alt))
      .not.toBe(before);
    await expect(chosen).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(radios.and(page.locator(':focus'))).toHaveCount(0);
  }
});

test('garments that are alike have different names, wherever they are chosen', async ({ page }) => {
  await page.goto('?lang=en&network=separable&picture=fashion-mnist/0-t-shirt-a#layers');
  const pictures = page.locator('.samples img');
  await expect(pictures).not.toHaveCount(0);
  const names = await pictures.evaluateAll((images) => images.map((image) => (image as HTMLImageElement).alt));
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain('Trouser, sample 2');
});

/** Whether the focus is on something of the view, not on the page or at the view's beginning. */
const isKept = (page: Page) => page.evaluate(() => document.activeElement?.matches('main *') ?? false);

test('Escape closes a message and the camera, and the keyboard keeps its place', async ({ page }) => {
  await page.goto('?lang=en');
  await expect(answer(page).locator('.best:not(.quiet)')).toBeVisible();
  const alert = page.getByRole('alert');
  const choose = page.getByLabel('Open a photo', { exact: true });
  const file = { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') };
  await choose.setInputFiles(file);
  await expect(alert).toBeVisible();
  await page.getByRole('button', { name: 'Close this message' }).press('Enter');
  await expect(alert).toHaveCount(0);
  expect(await isKept(page)).toBe(true);

  await choose.setInputFiles(file);
  await expect(alert).toBeVisible();
  await choose.focus();
  await page.keyboard.press('Escape');
  await expect(alert).toHaveCount(0);
  await expect(choose).toBeFocused();

  await page.getByRole('button', { name: 'Use your camera' }).press('Enter');
  const stop = page.getByRole('button', { name: 'Stop the camera' });
  await expect(stop).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'Use your camera' })).toBeFocused();
});

test('a button that goes when its work is begun or done leaves the keyboard near by', async ({ page }) => {
  await page.goto('?lang=en&network=separable#layers');
  await page.getByRole('button', { name: 'This layer: off' }).press('Enter');
  const back = page.locator('.answer-changes button').first();
  await back.press('Enter');
  await expect(back).toHaveCount(0);
  expect(await isKept(page)).toBe(true);

  await page.goto('?lang=en&network=separable#compare');
  await page.getByRole('button', { name: 'Measure the ticked networks' }).press('Enter');
  await page.getByRole('button', { name: 'Cancel' }).press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toHaveCount(0);
  await expect.poll(() => isKept(page)).toBe(true);
});

test('after a lost device the keyboard is where it starts again', async ({ page }) => {
  await holdDevice(page);
  await page.goto('?lang=en#layers');
  await expect(page.locator('.maps-all canvas')).toHaveAttribute('data-drawn', /[1-9]/);
  await loseDevice(page);
  await page.getByRole('button', { name: 'Start again' }).press('Enter');
  await expect(page.getByRole('alert')).toHaveCount(0);
  expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true);
});
