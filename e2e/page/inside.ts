import {
  type Architecture,
  architecture,
  capabilitiesOf,
  compile,
  loadWeights,
  type Network,
  type NetworkInput,
  pictures,
  planFor,
  type Weights,
  weightsFrom,
} from 'linnet';
import { mobileNetV2 } from 'linnet/architectures';
import { architectureOf, readCard } from 'linnet/models';
import { buildGraph } from '../../engine/architecture.ts';
import { sessionOf } from '../../engine/run/session.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';

/** The network with one output more: what leaves the convolution of this name, its normalization and its activation. */
function withInner({ name, build }: Architecture, convolution: string): Architecture {
  return architecture(name, (g) => {
    build(g);
    const { nodes } = g.finish();
    let { output } = nodes.find((node) => node.name === convolution)!;
    for (const { op, inputs, output: next } of nodes) {
      if (inputs[0] === output && (op === 'batchNormalization' || op === 'activation')) output = next;
    }
    g.output('inner', output);
  });
}

/** What a layer of a published model makes of a picture, [channels, height, width], and its kernel in the plan. */
export async function layerOfModel(
  device: GPUDevice,
  { card: address, picture, layer }: { card: string; picture: string; layer: string },
) {
  const card = readCard(await (await fetch(address)).json());
  const model = architectureOf(card);
  const weights = await loadWeights(new URL(card.weights.file, new URL(address, location.href)));
  const network = await compile(withInner(model, layer), {
    device,
    weights,
    preprocess: card.preprocess && pictures(card.preprocess),
  });
  try {
    const image = await createImageBitmap(await (await fetch(picture)).blob());
    const { inner } = await network.run({ image });
    const plan = planFor(model, capabilitiesOf(device));
    const { shader, params, workgroups } = plan.kernels.find(({ name }) => name === layer)!;
    return { shape: network.outputs.inner!.shape.slice(1), values: [...inner!.data], shader, params, workgroups };
  } finally {
    network.destroy();
  }
}

/**
 * MobileNet v2 run as far as some of its kernels: how far the values there are from those of the same layer as an output,
 * and what a whole run gives afterwards against one before.
 */
export async function runUntil(device: GPUDevice, { layers }: { layers: readonly string[] }) {
  const model = mobileNetV2({ inputSize: [40, 56], classes: 10, width: 0.5 });
  const tensors = buildGraph(model).tensors.map(
    ({ name, shape }) => [name, { shape, data: seededTensor('inside', name, shape) }] as const,
  );
  const weights: Weights = weightsFrom(Object.fromEntries(tensors));
  const image = Float32Array.from(uniform('inside', 3 * 40 * 56));
  const network = await compile(model, { device, weights, poison: true });
  const failures: string[] = [];
  const before = await network.run({ image });
  for (const layer of layers) {
    const kernel = network.plan.kernels.findIndex(({ name }) => name === layer);
    const [, channels, height, width] = network.plan.kernels[kernel]!.shape as [number, number, number, number];
    const slices = await memoryOf(network, kernel, image);
    const other = await compile(withInner(model, layer), { device, weights });
    const { inner } = await other.run({ image });
    other.destroy();
    for (const [index, expected] of inner!.data.entries()) {
      const channel = Math.floor(index / (height * width));
      const pixel = index % (height * width);
      const actual = slices[(Math.floor(channel / 4) * height * width + pixel) * 4 + (channel % 4)];
      if (actual !== expected) failures.push(`${layer}: channel ${channel} of ${channels}: ${actual}, not ${expected}`);
      if (failures.length > 3) break;
    }
  }
  const after = await network.run({ image });
  if (before.logits.data.join() !== after.logits.data.join())
    failures.push('A whole run gives something else afterwards.');
  const count = network.plan.kernels.length;
  const messages: string[] = [];
  for (const wrong of [-1, count]) {
    try {
      network.encodeUntil(device.createCommandEncoder(), { image }, wrong);
    } catch (error) {
      messages.push((error as Error).message);
    }
  }
  network.destroy();
  return { failures, count, messages };
}

/** What a kernel wrote. An arena is no source of a copy, so a shader copies it. */
async function memoryOf(network: Network, kernel: number, image: NetworkInput): Promise<Float32Array> {
  const { device } = network;
  const code = `
@group(0) @binding(0) var<storage, read> source: array<f32>;
@group(0) @binding(1) var<storage, read_write> copied: array<f32>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&copied)) { copied[id.x] = source[id.x]; }
}`;
  const pipeline = device.createComputePipeline({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  });
  const encoder = device.createCommandEncoder();
  const value = network.encodeUntil(encoder, { image }, kernel);
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const copied = device.createBuffer({ size: value.size, usage: STORAGE | COPY_SRC });
  const staging = device.createBuffer({ size: value.size, usage: COPY_DST | MAP_READ });
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: value },
        { binding: 1, resource: { buffer: copied } },
      ],
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(value.size / 256));
  pass.end();
  encoder.copyBufferToBuffer(copied, 0, staging, 0, value.size);
  device.queue.submit([encoder.finish()]);
  await sessionOf(device).waitFor(staging.mapAsync(GPUMapMode.READ));
  const values = new Float32Array(staging.getMappedRange().slice(0));
  copied.destroy();
  staging.destroy();
  return values;
}
