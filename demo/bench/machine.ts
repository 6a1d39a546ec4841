import { finished } from './finished.ts';
import type { Machine } from './roofline.ts';

/** Milliseconds of a batch; within them, what waiting costs is small. */
const BATCH_MS = 150;

/** Times a batch is measured; the best counts, as a peak is asked for. */
const ROUNDS = 3;

const GROUP = 64;

/** Multiply-adds of an accumulator in a turn of the loop, and turns. */
const STEPS = 16;
const TURNS = 4;
const THREADS = GROUP * 4096;

/**
 * Accumulators that do not wait for each other, four lanes each, and nothing but multiply-adds for them: with 32 to 128 in a
 * turn, the loop's own counting does not matter. Half the value and a constant is taken each time, so that it stays finite
 * and normal; the factor depends on the thread, so that no compiler computes it, and no two lanes are equal, or it would compute
 * them once.
 */
const peakShader = (accumulators: number, multiplyAdd: (a: string, b: string, c: string) => string): string => {
  const names = Array.from({ length: accumulators }, (_, index) => `a${index}`);
  const steps = Array.from({ length: STEPS }, (_, step) =>
    names.map((name, index) => `${name} = ${multiplyAdd(name, 'factor', `vec4f(${index + step}.5)`)};`).join(' '),
  );
  return `
@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;
@compute @workgroup_size(${GROUP}) fn main(@builtin(global_invocation_id) id: vec3u) {
  let thread = f32(id.x);
  let factor = vec4f(0.5 + thread * 1e-9);
  ${names.map((name, index) => `var ${name} = vec4f(0.0, 0.2, 0.4, 0.6) + thread + ${index}.0;`).join(' ')}
  for (var turn = 0u; turn < ${TURNS}u; turn++) {
    ${steps.join('\n    ')}
  }
  sums[id.x] = ${names.join(' + ')};
}`;
};

/** Two such buffers are larger than the caches of today's GPUs, and fit every device's limits. */
const COPIED_BYTES = 64 * 2 ** 20;
const COPIES = 4;
const COPY_GROUPS = COPIED_BYTES / 16 / COPIES / GROUP;

const copyShader = `
@group(0) @binding(0) var<storage, read_write> copied: array<vec4f>;
@group(0) @binding(1) var<storage, read> original: array<vec4f>;
@compute @workgroup_size(${GROUP}) fn main(@builtin(global_invocation_id) id: vec3u) {
  for (var copy = 0u; copy < ${COPIES}u; copy++) {
    let index = copy * ${COPY_GROUPS * GROUP}u + id.x;
    copied[index] = original[index];
  }
}`;

/** Measures a device's multiply-adds in registers and its memory, in some seconds. */
export async function measureMachine(device: GPUDevice, signal?: AbortSignal): Promise<Machine> {
  const buffers = [THREADS * 16, COPIED_BYTES, COPIED_BYTES].map((size) =>
    device.createBuffer({ label: 'roofline', size, usage: GPUBufferUsage.STORAGE }),
  );
  const [sums, copied, original] = buffers as [GPUBuffer, GPUBuffer, GPUBuffer];
  const time = async (code: string, bound: readonly GPUBuffer[], workgroups: number) => {
    signal?.throwIfAborted();
    return timeShader(device, code, bound, workgroups);
  };
  try {
    let gflops = 0;
    for (const accumulators of [2, 4, 8]) {
      const macs = THREADS * TURNS * STEPS * accumulators * 4;
      // Some compilers make one instruction of either only.
      for (const multiplyAdd of [
        (a: string, b: string, c: string) => `${a} * ${b} + ${c}`,
        (a: string, b: string, c: string) => `fma(${a}, ${b}, ${c})`,
      ]) {
        const ms = await time(peakShader(accumulators, multiplyAdd), [sums], THREADS / GROUP);
        gflops = Math.max(gflops, (2 * macs) / ms / 1e6);
      }
    }
    const ms = await time(copyShader, [copied, original], COPY_GROUPS);
    return { gflops, gigabytes: (2 * COPIED_BYTES) / ms / 1e6 };
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** Milliseconds of a dispatch at best, in batches. */
async function timeShader(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  workgroups: number,
): Promise<number> {
  const compute = { module: device.createShaderModule({ code }), entryPoint: 'main' };
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute });
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const run = async (dispatches: number) => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let index = 0; index < dispatches; index++) pass.dispatchWorkgroups(workgroups);
    pass.end();
    const commands = encoder.finish();
    const start = performance.now();
    device.queue.submit([commands]);
    await finished(device);
    return performance.now() - start;
  };
  // The first one compiles.
  await run(1);
  let dispatches = 1;
  for (let ms = await run(1); ms < BATCH_MS && dispatches < 4096; ms = await run(dispatches)) {
    dispatches = Math.ceil(dispatches * Math.min(8, Math.max(1.5, (1.2 * BATCH_MS) / ms)));
  }
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) times.push(await run(dispatches));
  return Math.min(...times) / dispatches;
}
