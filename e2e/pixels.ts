import type { Locator } from 'playwright/test';

/** The pixels of a canvas as it is on the screen, one for each of its own. */
export async function pixelsOf(canvas: Locator): Promise<{ width: number; height: number; rgba: number[] }> {
  await canvas.evaluate((element: HTMLCanvasElement) => {
    element.style.cssText = `width: ${element.width}px; height: ${element.height}px; max-width: none; position: fixed; left: 0; top: 0; z-index: 99; border-radius: 0`;
  });
  const png = (await canvas.screenshot()).toString('base64');
  return canvas.page().evaluate(async (png) => {
    const blob = await (await fetch(`data:image/png;base64,${png}`)).blob();
    const bitmap = await createImageBitmap(blob);
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.drawImage(bitmap, 0, 0);
    return { width, height, rgba: [...context.getImageData(0, 0, width, height).data] };
  }, png);
}
