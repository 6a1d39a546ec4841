// What all views of the demo share: addresses, languages, titles, focus.
import { expect, test } from './test.ts';

test('views have addresses, titles and focus, and the browser goes back', async ({ page }) => {
  await page.goto('');
  await expect(page).toHaveTitle('Try it · Linnet');
  await page.getByRole('link', { name: 'Why MobileNet' }).click();
  await expect(page).toHaveURL(/#why-mobilenet$/);
  await expect(page).toHaveTitle('Why MobileNet · Linnet');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await page.goBack();
  await expect(page).toHaveTitle('Try it · Linnet');
  await page.goForward();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why MobileNets are small');
});

test('an address of no view, whatever it is, opens the first one', async ({ page }) => {
  await page.goto('?lang=en#100%');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Convolutional networks on your own GPU');
});

test('the address chooses the language, and links keep the view', async ({ page }) => {
  await page.goto('?lang=ko#why-mobilenet');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('MobileNet은 왜 작은가');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  await page.getByRole('link', { name: 'English' }).click();
  await expect(page).toHaveURL(/lang=en#why-mobilenet$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Why MobileNets are small');
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
});

test.describe('in a Korean browser', () => {
  test.use({ locale: 'ko-KR' });
  test('the page is Korean, heading by heading', async ({ page }) => {
    await page.goto('');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    for (const text of await page.locator('h1, h2, nav a').allTextContents()) expect(text).toMatch(/[가-힣]/);
  });
});

test.describe('in a French browser', () => {
  test.use({ locale: 'fr-FR' });
  test('the page is English', async ({ page }) => {
    await page.goto('');
    await expect(page).toHaveTitle('Try it · Linnet');
  });
});
