import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';

/** Puts files into a drop or paste event, as no test runner can drag them from outside. */
export async function give(page: Page, how: 'drop' | 'paste', paths: readonly string[]): Promise<void> {
  const files = paths.map((path) => ({
    name: path.split('/').at(-1) as string,
    type: path.endsWith('.png') ? 'image/png' : '',
    base64: readFileSync(path, 'base64'),
  }));
  await page.evaluate(
    async ({ how, files }) => {
      const transfer = new DataTransfer();
      for (const { name, type, base64 } of files) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        transfer.items.add(new File([bytes], name, { type }));
      }
      document.body.dispatchEvent(
        how === 'drop'
          ? new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }),
      );
    },
    { how, files },
  );
}
