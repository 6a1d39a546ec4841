import { sessionOf } from '../../engine/run/session.ts';

export type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

/** What a canvas shows, before the task ends: premultiplied, 0 to 1. */
export async function readCanvas(device: GPUDevice, canvas: HTMLCanvasElement): Promise<Pixel[]> {
  const { width, height } = canvas;
  const { COPY_SRC, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
  const usage = COPY_SRC | COPY_DST | RENDER_ATTACHMENT;
  const texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
  device.queue.copyExternalImageToTexture({ source: canvas }, { texture, premultipliedAlpha: true }, [width, height]);
  const pixels = await readTexture(device, texture);
  texture.destroy();
  return pixels;
}

/** What a texture stores, of four bytes or four halves a pixel. */
export async function readTexture(device: GPUDevice, texture: GPUTexture): Promise<Pixel[]> {
  const { width, height, format } = texture;
  const bytes = format === 'rgba16float' ? 8 : 4;
  const bytesPerRow = Math.ceil((width * bytes) / 256) * 256;
  const { MAP_READ, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage: MAP_READ | COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await sessionOf(device).waitFor(buffer.mapAsync(GPUMapMode.READ));
  const data = new DataView(buffer.getMappedRange().slice(0));
  buffer.destroy();
  return Array.from({ length: width * height }, (_, index): Pixel => {
    const at = Math.floor(index / width) * bytesPerRow + (index % width) * bytes;
    const lane = (number: number) =>
      bytes === 8 ? halfOf(data.getUint16(at + 2 * number, true)) : data.getUint8(at + number) / 255;
    const [first, second] = format.startsWith('bgra') ? [2, 0] : [0, 2];
    return [lane(first), lane(1), lane(second), lane(3)];
  });
}

/** A positive half, as a number. */
const halfOf = (bits: number) =>
  bits < 0x400 ? bits * 2 ** -24 : (1 + (bits & 0x3ff) / 1024) * 2 ** ((bits >> 10) - 15);
