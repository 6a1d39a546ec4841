// What goes wrong with the demo's networks, told in both languages; what ran before runs on.
import type { Page } from 'playwright/test';
import { LANGUAGES } from '../demo/shared/strings.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { expect, test } from './test.ts';
import { answer } from './try-it.ts';

const SERVER = 'https://huggingface.co/**';
const FAILURES = {
  offline: (page: Page) => page.context().setOffline(true),
  unreachable: (page: Page) => page.route(SERVER, (route) => route.abort('connectionrefused')),
  server: (page: Page) => page.route(SERVER, (route) => route.fulfill(answerOf(503, ''))),
  fetch: (page: Page) => page.route(SERVER, (route) => route.fulfill(answerOf(404, ''))),
  weights: (page: Page) => page.route(SERVER, (route) => route.fulfill(answerOf(200, 'no weights at all'))),
} as const;

const answerOf = (status: number, body: string) => ({ status, body, headers: { 'access-control-allow-origin': '*' } });

test('a download of which nothing comes is given up after half a minute', async ({ page }) => {
  await page.clock.install();
  await page.goto('?lang=en');
  await expect(answer(page, 'en')).toContainText('55%');
  await page.route(SERVER, () => {});
  const { problem, network } = LANGUAGES.en;
  // Progress is shown before the file is asked for, and only then does its time begin.
  const asked = page.waitForRequest(SERVER);
  await page
    .locator('.card')
    .getByRole('button', { name: network.recognise('14 MB') })
    .click();
  await asked;
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.clock.fastForward(31_000);
  await expect(page.getByRole('alert')).toContainText('The server sends nothing for 30 s');
  await expect(page.getByRole('alert')).toContainText(problem.unreachable);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

for (const [name, breakIt] of Object.entries(FAILURES) as [keyof typeof FAILURES, (page: Page) => Promise<void>][]) {
  test(`a download that fails is told: ${name}`, async ({ page, complaints }) => {
    await page.goto('?lang=en');
    await expect(answer(page, 'en')).toContainText('55%');
    const alert = page.getByRole('alert');
    for (const lang of ['en', 'ko'] as const) {
      const { problem, network, labels, answer: answers } = LANGUAGES[lang];
      await page.locator(`.languages a[lang=${lang}]`).click();
      await breakIt(page);
      const download = page.locator('.card').getByRole('button', { name: network.recognise('14 MB') });
      await download.click();
      await expect(alert).toContainText(problem[name]);
      const { help } = problem;
      await expect(alert).toContainText(name === 'fetch' ? help.noFile : help[name]);
      await alert.getByRole('button', { name: problem.dismiss }).click();
      await expect(alert).toHaveCount(0);
      // It offers itself again, and what ran before runs.
      await expect(download).toBeEnabled();
      await page.context().setOffline(false);
      await page.getByRole('radio', { name: labels.Rocket ?? 'Rocket' }).check({ force: true });
      await expect(answer(page, lang)).toHaveText(answers.nothing.people);
      await page.getByRole('radio', { name: labels.Astronaut ?? 'Astronaut' }).check({ force: true });
      await expect(answer(page, lang)).toContainText('55%');
    }
    // The browser tells of requests itself.
    expect(complaints.splice(0).every((text) => /Failed to load resource|net::ERR/.test(text))).toBe(true);
    await page.unrouteAll();
    // Nothing of it was kept.
    await page.reload();
    await expect(
      page.locator('.card').getByRole('button', { name: LANGUAGES.ko.network.recognise('14 MB') }),
    ).toBeVisible();
  });
}

for (const lang of ['en', 'ko'] as const) {
  const { problem, startAgain } = LANGUAGES[lang];

  test(`a page that cannot be fetched offline is told (${lang})`, async ({ page, complaints }) => {
    await page.goto(`?lang=${lang}`);
    await expect(answer(page, lang)).toContainText('55%');
    await page.context().setOffline(true);
    await page.locator('header a[href="#compare"]').click();
    await expect(page.getByRole('alert')).toContainText(problem.offline);
    await page.context().setOffline(false);
    await page.locator('header a[href="#try"]').first().click();
    await expect(answer(page, lang)).toContainText('55%');
    complaints.splice(0);
  });

  test(`a lost device is told (${lang})`, async ({ page }) => {
    await holdDevice(page);
    await page.goto(`?lang=${lang}`);
    await expect(answer(page, lang)).toContainText('55%');
    await loseDevice(page);
    await expect(page.getByRole('alert')).toContainText(problem.lost);
    await expect(page.getByRole('alert')).toContainText(problem.help.lost);
    await page.getByRole('button', { name: startAgain }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(answer(page, lang)).toContainText('55%');
  });
}
