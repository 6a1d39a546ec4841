import type { ImageSize } from 'linnet';
import {
  channelRanges,
  type ElementType,
  PARAMS_BYTES,
  packParams,
  paintMaps,
  type Scale,
  showPart,
} from './feature-maps.wgsl.ts';

/** Channels in a buffer, and how their elements lie there. */
export interface Maps extends ImageSize {
  readonly elementType: ElementType;
  /** Channels that lie side by side in memory: 4 in slices, 1 in a result for the caller. */
  readonly lanes: 4 | 1;
  /** Of the buffer's channels. Maps of one pixel, single numbers, share one scale over all of them. */
  readonly first: number;
  readonly channels: number;
}

/** Some of the maps in rows. */
export interface Grid {
  /** Counted from the first of the maps. */
  readonly start: number;
  readonly count: number;
  readonly columns: number;
  /** Pixels between two maps; nothing is drawn there. */
  readonly gap: number;
}

/** Of a whole grid, in pixels of the maps. */
export function gridSize({ width, height }: ImageSize, { count, columns, gap }: Grid): ImageSize {
  const along = (number: number, size: number) => number * (size + gap) - gap;
  return { width: along(columns, width), height: along(Math.ceil(count / columns), height) };
}

/** The first pixel of a map, counted from the grid's first one. */
export function cornerOf({ width, height }: ImageSize, { columns, gap }: Grid, map: number): { x: number; y: number } {
  return { x: (map % columns) * (width + gap), y: Math.floor(map / columns) * (height + gap) };
}

/** Draws feature maps; nothing is read back. */
export interface FeatureMaps {
  draw(canvas: HTMLCanvasElement, elements: GPUBufferBinding, maps: Maps, grid: Grid): void;
  /** Draws one map of the grid that was drawn last. */
  enlarge(canvas: HTMLCanvasElement, map: number): void;
  destroy(): void;
}

/**
 * Values are coloured in compute shaders, so that fragment shaders bind no storage buffers: a device in compatibility mode
 * need not have any there. They go through a texture, as a shader cannot store to a canvas of the preferred format, and
 * one of another format brings Firefox 153 down where it composites in software.
 */
export async function createFeatureMaps(device: GPUDevice, scale: Scale): Promise<FeatureMaps> {
  const label = 'feature maps';
  const format = navigator.gpu.getPreferredCanvasFormat();
  const module = device.createShaderModule({ label, code: showPart() });
  const showing = await device.createRenderPipelineAsync({
    label,
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  const compileText = (code: string) => {
    const module = device.createShaderModule({ label, code });
    return device.createComputePipelineAsync({ label, layout: 'auto', compute: { module } });
  };
  const compileFor = async (type: ElementType) => ({
    ranging: await compileText(channelRanges(type, scale)),
    painting: await compileText(paintMaps(type, scale)),
  });
  const pipelines = {
    float32: await compileFor('float32'),
    ...(device.features.has('shader-f16') && { float16: await compileFor('float16') }),
  };
  const bind = (pipeline: GPUComputePipeline | GPURenderPipeline, resources: GPUBindingResource[]) =>
    device.createBindGroup({
      label,
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });

  const { UNIFORM, STORAGE, COPY_DST } = GPUBufferUsage;
  const params = device.createBuffer({ label, size: PARAMS_BYTES, usage: UNIFORM | COPY_DST });
  const origin = device.createBuffer({ label, size: 8, usage: UNIFORM | COPY_DST });
  let drawn: { picture: GPUTexture; maps: Maps; grid: Grid } | undefined;

  const show = (canvas: HTMLCanvasElement, { width, height }: ImageSize, picture: GPUTexture, x: number, y: number) => {
    Object.assign(canvas, { width, height });
    device.queue.writeBuffer(origin, 0, Uint32Array.of(x, y));
    const context = canvas.getContext('webgpu') as GPUCanvasContext;
    context.configure({ device, format, alphaMode: 'premultiplied' });
    const encoder = device.createCommandEncoder({ label });
    const view = context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({ label, colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] });
    pass.setPipeline(showing);
    pass.setBindGroup(0, bind(showing, [{ buffer: origin }, picture.createView()]));
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };

  return {
    draw(canvas, elements, maps, grid) {
      const { elementType, lanes, first, channels, width, height } = maps;
      const { start, count, columns, gap } = grid;
      const { ranging, painting } = pipelines[elementType] ?? pipelines.float32;
      const isNumbers = width * height === 1;
      const shared = { sharedFirst: first, sharedChannels: isNumbers ? channels : 0 };
      const fields = { firstChannel: first + start, channels: count, ...shared, width, height, lanes, columns, gap };
      device.queue.writeBuffer(params, 0, packParams(fields));
      drawn?.picture.destroy();
      const size = gridSize(maps, grid);
      const picture = device.createTexture({
        label,
        size: { ...size },
        format: 'rgba8unorm',
        usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
      });
      drawn = { picture, maps, grid };

      const scales = isNumbers ? 1 : count;
      const ranges = device.createBuffer({ label, size: 8 * scales, usage: STORAGE });
      const encoder = device.createCommandEncoder({ label });
      const pass = encoder.beginComputePass({ label });
      pass.setPipeline(ranging);
      pass.setBindGroup(0, bind(ranging, [{ buffer: params }, elements, { buffer: ranges }]));
      pass.dispatchWorkgroups(scales);
      pass.setPipeline(painting);
      pass.setBindGroup(0, bind(painting, [{ buffer: params }, elements, { buffer: ranges }, picture.createView()]));
      pass.dispatchWorkgroups(Math.ceil(size.width / 8), Math.ceil(size.height / 8));
      pass.end();
      device.queue.submit([encoder.finish()]);
      ranges.destroy();
      show(canvas, size, picture, 0, 0);
    },
    enlarge(canvas, map) {
      if (!drawn) return;
      const { picture, maps, grid } = drawn;
      const { x, y } = cornerOf(maps, grid, map);
      show(canvas, maps, picture, x, y);
    },
    destroy() {
      for (const object of [params, origin, drawn?.picture]) object?.destroy();
      drawn = undefined;
    },
  };
}
