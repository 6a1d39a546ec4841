/** Recorded as it is. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** For each kernel, what it takes: one dispatch, or one for each picture of a batch. */
export type Dispatches = readonly (readonly Dispatch[])[];

/** Adreno 730 and some Intel drivers fail on long command buffers; ML Drift records at most 64 kernels in one on Android. */
const KERNELS_PER_ENCODER = 64;

/** Dispatches one after another, in a pass of their own. */
export function record(
  encoder: GPUCommandEncoder,
  label: string,
  kernels: Dispatches,
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass({ label, ...(timestampWrites && { timestampWrites }) });
  let current: GPUComputePipeline | undefined;
  for (const dispatches of kernels) {
    for (const { pipeline, bindGroup, workgroups } of dispatches) {
      if (pipeline !== current) pass.setPipeline(pipeline);
      current = pipeline;
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(...workgroups);
    }
  }
  pass.end();
}

/**
 * Dispatches one after another, in command buffers no longer than drivers take. `finish` records what comes after them; the
 * first two entries of `timestamps` are written when they begin and when they end.
 */
export function commandsOf(
  device: GPUDevice,
  label: string,
  kernels: Dispatches,
  finish?: (encoder: GPUCommandEncoder) => void,
  timestamps?: GPUQuerySet,
): GPUCommandBuffer[] {
  const commands: GPUCommandBuffer[] = [];
  for (let start = 0; start < kernels.length; start += KERNELS_PER_ENCODER) {
    const encoder = device.createCommandEncoder({ label });
    const isFirst = start === 0;
    const isLast = start + KERNELS_PER_ENCODER >= kernels.length;
    const writes = timestamps &&
      (isFirst || isLast) && {
        querySet: timestamps,
        ...(isFirst && { beginningOfPassWriteIndex: 0 }),
        ...(isLast && { endOfPassWriteIndex: 1 }),
      };
    record(encoder, label, kernels.slice(start, start + KERNELS_PER_ENCODER), writes || undefined);
    if (isLast) finish?.(encoder);
    commands.push(encoder.finish());
  }
  return commands;
}
