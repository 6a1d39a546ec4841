/** Recorded as it is. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** For each kernel, what it takes: one dispatch, or one for each picture of a batch. */
export type Dispatches = readonly (readonly Dispatch[])[];

/** Dispatches one after another, in a pass of their own. */
export function record(encoder: GPUCommandEncoder, label: string, kernels: Dispatches): void {
  const pass = encoder.beginComputePass({ label });
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
