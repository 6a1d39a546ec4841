import type { Network, NetworkInput } from 'linnet';
import { channelRanges, type ElementType, PARAMS_BYTES, packParams, paintMaps, showPart } from './feature-maps.wgsl.ts';
import { type Grid, gridOf, type MapLayout, mapLayout } from './map-layout.ts';

/** Draws what the kernels of a network write. */
export interface FeatureMaps {
  /** Runs the network as far as a kernel and draws one page of the maps that this one writes. Nothing is read back. */
  draw(canvas: HTMLCanvasElement, network: Network, kernel: number, image: NetworkInput, page: number): void;
  /** Draws one map of those that were drawn last. */
  enlarge(canvas: HTMLCanvasElement, channel: number): void;
  destroy(): void;
}

/**
 * A value does not outlive the kernels that need it, so the network runs only as far as the kernel that writes it: what is
 * drawn are the numbers of the plan's own kernel, fused and placed as it is, and no memory is added. Keeping every value
 * (a plan without reuse) would take several times the memory, and another plan with the value as an output is another
 * plan: what is fused there may not be what runs here.
 *
 * Values are coloured in compute shaders, so that fragment shaders bind no storage buffers: a device in compatibility
 * mode need not have any there.
 */
export async function createFeatureMaps(device: GPUDevice): Promise<FeatureMaps> {
  const format = navigator.gpu.getPreferredCanvasFormat();
  const module = device.createShaderModule({ label: 'feature maps', code: showPart() });
  const showing = await device.createRenderPipelineAsync({
    label: 'feature maps',
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  const compileText = (code: string) => {
    const module = device.createShaderModule({ label: 'feature maps', code });
    return device.createComputePipelineAsync({ label: 'feature maps', layout: 'auto', compute: { module } });
  };
  const compileFor = async (type: ElementType) => ({
    ranging: await compileText(channelRanges(type)),
    painting: await compileText(paintMaps(type)),
  });
  const pipelines = {
    float32: await compileFor('float32'),
    ...(device.features.has('shader-f16') && { float16: await compileFor('float16') }),
  };

  const { UNIFORM, STORAGE, COPY_DST } = GPUBufferUsage;
  const params = device.createBuffer({ label: 'feature maps params', size: PARAMS_BYTES, usage: UNIFORM | COPY_DST });
  const origin = device.createBuffer({ label: 'origin of feature maps', size: 16, usage: UNIFORM | COPY_DST });
  // A range of two numbers for each map of a page.
  const ranges = device.createBuffer({ label: 'ranges of feature maps', size: 8 * 64, usage: STORAGE });
  let drawn: { picture: GPUTexture; layout: MapLayout; grid: Grid } | undefined;

  const show = (canvas: HTMLCanvasElement, picture: GPUTexture, x: number, y: number) => {
    device.queue.writeBuffer(origin, 0, Uint32Array.of(x, y));
    const context = canvas.getContext('webgpu') as GPUCanvasContext;
    context.configure({ device, format, alphaMode: 'premultiplied' });
    const encoder = device.createCommandEncoder({ label: 'feature maps' });
    const pass = encoder.beginRenderPass({
      label: 'feature maps',
      colorAttachments: [{ view: context.getCurrentTexture().createView(), loadOp: 'clear', storeOp: 'store' }],
    });
    pass.setPipeline(showing);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: showing.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: { buffer: origin } },
          { binding: 1, resource: picture.createView() },
        ],
      }),
    );
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
  };

  return {
    draw(canvas, network, kernel, image, page) {
      const layout = mapLayout(network.plan, kernel);
      const grid = gridOf(layout, page);
      const type = layout.lanes === 1 ? 'float32' : network.plan.elementType;
      const { ranging, painting } = pipelines[type] ?? pipelines.float32;
      const isVector = layout.width * layout.height === 1;
      const fields = {
        firstChannel: layout.first + grid.start,
        channels: grid.count,
        // A single number has no range of its own.
        sharedFirst: layout.first,
        sharedChannels: isVector ? layout.channels : 0,
        width: layout.width,
        height: layout.height,
        lanes: layout.lanes,
        columns: grid.columns,
        gap: grid.gap,
      };
      device.queue.writeBuffer(params, 0, packParams(fields));
      drawn?.picture.destroy();
      const picture = device.createTexture({
        label: 'feature maps',
        size: { width: grid.width, height: grid.height },
        format: 'rgba8unorm',
        usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
      });
      drawn = { picture, layout, grid };

      const encoder = device.createCommandEncoder({ label: 'feature maps' });
      const value = network.encodeUntil(encoder, { image }, kernel);
      const pass = encoder.beginComputePass({ label: 'feature maps' });
      const run = (pipeline: GPUComputePipeline, entries: GPUBindGroupEntry[], x: number, y: number) => {
        pass.setPipeline(pipeline);
        const shared = [
          { binding: 0, resource: { buffer: params } },
          { binding: 1, resource: value },
        ];
        const layout = pipeline.getBindGroupLayout(0);
        pass.setBindGroup(0, device.createBindGroup({ layout, entries: [...shared, ...entries] }));
        pass.dispatchWorkgroups(x, y);
      };
      run(ranging, [{ binding: 2, resource: { buffer: ranges } }], isVector ? 1 : grid.count, 1);
      const target = [
        { binding: 2, resource: { buffer: ranges } },
        { binding: 3, resource: picture.createView() },
      ];
      run(painting, target, Math.ceil(grid.width / 8), Math.ceil(grid.height / 8));
      pass.end();
      device.queue.submit([encoder.finish()]);
      canvas.width = grid.width;
      canvas.height = grid.height;
      show(canvas, picture, 0, 0);
    },
    enlarge(canvas, channel) {
      if (!drawn) return;
      const { picture, layout, grid } = drawn;
      canvas.width = layout.width;
      canvas.height = layout.height;
      const x = (channel % grid.columns) * (layout.width + grid.gap);
      const y = Math.floor(channel / grid.columns) * (layout.height + grid.gap);
      show(canvas, picture, x, y);
    },
    destroy() {
      for (const object of [params, origin, ranges, drawn?.picture]) object?.destroy();
      drawn = undefined;
    },
  };
}
