import { type RenderShader, renderTextOf } from '../../shaders/kernel.ts';
import { InputError } from '../common/errors.ts';
import { describe, tagOf } from '../common/kinds.ts';
import type { ImageSize } from '../common/picture.ts';
import { requireTexture } from './source.ts';

/** What is drawn to. */
export interface Target {
  readonly format: GPUTextureFormat;
  /** For one drawing. */
  viewOf(): GPUTextureView;
  /** Makes it as large as a picture, where that can be. */
  resize?(size: ImageSize): void;
  release?(): void;
}

export function onTexture(texture: GPUTexture): Target {
  requireTexture(texture, 'RENDER_ATTACHMENT');
  return {
    format: texture.format,
    viewOf: () => texture.createView({ dimension: '2d', mipLevelCount: 1, arrayLayerCount: 1 }),
  };
}

export function onCanvas(canvas: HTMLCanvasElement | OffscreenCanvas, device: GPUDevice): Target {
  if (!['HTMLCanvasElement', 'OffscreenCanvas'].includes(tagOf(canvas))) {
    throw new InputError(`The target is ${describe(canvas)}; it should be a canvas or a GPUTexture.`);
  }
  const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
  if (!context) throw new InputError("The canvas has another context than 'webgpu'.");
  const format = navigator.gpu.getPreferredCanvasFormat();
  context.configure({ device, format, alphaMode: 'premultiplied' });
  return {
    format,
    viewOf: () => context.getCurrentTexture().createView(),
    resize({ width, height }) {
      // A canvas whose size is set anew is empty, even if it is the same.
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    },
    release: () => context.unconfigure(),
  };
}

/** A render pipeline's shader with what it was written for. */
export interface Drawing<Options> {
  readonly shader: Options;
  readonly pipeline: GPURenderPipeline;
}

/** Compiles a shader that covers a target of this format. */
export async function compileDrawing<Options>(
  device: GPUDevice,
  label: string,
  render: RenderShader<Options>,
  shader: Options,
  format: GPUTextureFormat,
): Promise<Drawing<Options>> {
  const module = device.createShaderModule({ label, code: renderTextOf(render, shader) });
  const pipeline = await device.createRenderPipelineAsync({
    label,
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  return { shader, pipeline };
}
