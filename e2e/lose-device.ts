import type { Page } from 'playwright/test';

/** Lets `loseDevice` take the page's GPU device away; to be called before the page is opened. */
export async function holdDevice(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      const device = await requestDevice.apply(this, args);
      Object.assign(globalThis, { loseDevice: () => device.destroy() });
      return device;
    };
  });
}

export const loseDevice = (page: Page): Promise<void> =>
  page.evaluate(() => (globalThis as unknown as { loseDevice(): void }).loseDevice());
