import { showPart } from '../layers/feature-maps.wgsl.ts';

/** How a canvas is divided among feature maps. */
export const MAP_COLUMNS = 4;
export const MAP_ROWS = 2;

/** Each workgroup draws one map, from black at 0 to white at the map's largest value. */
const SHADER = /* wgsl */ `
struct Params {
  width: u32,
  height: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> maps: array<f32>;
@group(0) @binding(2) var picture: texture_storage_2d<rgba8unorm, write>;

var<workgroup> largest: array<f32, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let size = params.width * params.height;
  let first = group.x * size;
  var most = 0.0;
  for (var at = lane; at < size; at += 64u) {
    most = max(most, maps[first + at]);
  }
  largest[lane] = most;
  workgroupBarrier();
  for (var stride = 32u; stride > 0u; stride >>= 1u) {
    if (lane < stride) {
      largest[lane] = max(largest[lane], largest[lane + stride]);
    }
    workgroupBarrier();
  }
  let scale = 1.0 / max(largest[0], 1e-6);
  let corner = vec2u(group.x % params.columns, group.x / params.columns) * vec2u(params.width, params.height);
  for (var at = lane; at < size; at += 64u) {
    let grey = maps[first + at] * scale;
    textureStore(picture, corner + vec2u(at % params.width, at / params.width), vec4f(vec3f(grey), 1.0));
  }
}`;

interface Maps {
  readonly buffer: GPUBuffer;
  /** [1, channels, height, width] of float32, none below 0. */
  readonly shape: readonly number[];
}

/**
 * Makes a function that draws a value's first feature maps from its buffer, nothing read back. A shader cannot store to a
 * canvas of the preferred format, and one of another format brings Firefox 153 down where it composites in software.
 */
export async function createMapPainter(device: GPUDevice) {
  const format = navigator.gpu.getPreferredCanvasFormat();
  const label = 'feature maps';
  const painting = await device.createComputePipelineAsync({
    label,
    layout: 'auto',
    compute: { module: device.createShaderModule({ label, code: SHADER }) },
  });
  const module = device.createShaderModule({ label, code: showPart() });
  const showing = await device.createRenderPipelineAsync({
    label,
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  const bind = (pipeline: GPUComputePipeline | GPURenderPipeline, resources: GPUBindingResource[]) =>
    device.createBindGroup({
      label,
      layout: pipeline.getBindGroupLayout(0),
      entries: resources.map((resource, binding) => ({ binding, resource })),
    });
  const uniform = (numbers: number[]) => {
    const buffer = device.createBuffer({ label, size: 16, usage: GPUBufferUsage.UNIFORM, mappedAtCreation: true });
    new Uint32Array(buffer.getMappedRange()).set(numbers);
    buffer.unmap();
    return buffer;
  };
  return (canvas: HTMLCanvasElement, { buffer, shape }: Maps) => {
    const context = canvas.getContext('webgpu');
    if (!context) return;
    const [, channels = 0, height = 0, width = 0] = shape;
    canvas.width = MAP_COLUMNS * width;
    canvas.height = MAP_ROWS * height;
    context.configure({ device, format, alphaMode: 'opaque' });
    const params = uniform([width, height, MAP_COLUMNS]);
    const origin = uniform([0, 0]);
    const picture = device.createTexture({
      label,
      size: canvas,
      format: 'rgba8unorm',
      usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
    });
    const encoder = device.createCommandEncoder({ label });
    const compute = encoder.beginComputePass({ label });
    compute.setPipeline(painting);
    compute.setBindGroup(0, bind(painting, [{ buffer: params }, { buffer }, picture.createView()]));
    compute.dispatchWorkgroups(Math.min(channels, MAP_COLUMNS * MAP_ROWS));
    compute.end();
    const view = context.getCurrentTexture().createView();
    const pass = encoder.beginRenderPass({ label, colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }] });
    pass.setPipeline(showing);
    pass.setBindGroup(0, bind(showing, [{ buffer: origin }, picture.createView()]));
    pass.draw(3);
    pass.end();
    device.queue.submit([encoder.finish()]);
    for (const used of [params, origin, picture]) used.destroy();
  };
}
