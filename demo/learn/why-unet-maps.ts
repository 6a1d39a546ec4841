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
@group(0) @binding(2) var canvas: texture_storage_2d<rgba8unorm, write>;

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
    textureStore(canvas, corner + vec2u(at % params.width, at / params.width), vec4f(vec3f(grey), 1.0));
  }
}`;

interface Maps {
  readonly buffer: GPUBuffer;
  /** [1, channels, height, width] of float32, none below 0. */
  readonly shape: readonly number[];
}

/** Makes a function that draws a value's first feature maps from its buffer, nothing read back. */
export async function createMapPainter(device: GPUDevice) {
  const module = device.createShaderModule({ label: 'feature maps', code: SHADER });
  const pipeline = await device.createComputePipelineAsync({
    label: 'feature maps',
    layout: 'auto',
    compute: { module },
  });
  return (canvas: HTMLCanvasElement, { buffer, shape }: Maps) => {
    const context = canvas.getContext('webgpu');
    if (!context) return;
    const [, channels = 0, height = 0, width = 0] = shape;
    canvas.width = MAP_COLUMNS * width;
    canvas.height = MAP_ROWS * height;
    // The preferred format may be one that no shader can store to.
    context.configure({ device, format: 'rgba8unorm', usage: GPUTextureUsage.STORAGE_BINDING, alphaMode: 'opaque' });
    const params = device.createBuffer({
      label: 'feature maps',
      size: 16,
      usage: GPUBufferUsage.UNIFORM,
      mappedAtCreation: true,
    });
    new Uint32Array(params.getMappedRange()).set([width, height, MAP_COLUMNS]);
    params.unmap();
    const bindGroup = device.createBindGroup({
      label: 'feature maps',
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: { buffer: params } },
        { binding: 1, resource: { buffer } },
        { binding: 2, resource: context.getCurrentTexture().createView() },
      ],
    });
    const encoder = device.createCommandEncoder({ label: 'feature maps' });
    const pass = encoder.beginComputePass({ label: 'feature maps' });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(Math.min(channels, MAP_COLUMNS * MAP_ROWS));
    pass.end();
    device.queue.submit([encoder.finish()]);
    params.destroy();
  };
}
