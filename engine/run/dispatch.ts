/** Recorded as it is. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** Dispatches one after another, in a pass of their own. */
export function record(encoder: GPUCommandEncoder, label: string, dispatches: readonly Dispatch[]): void {
  const pass = encoder.beginComputePass({ label });
  for (const { pipeline, bindGroup, workgroups } of dispatches) {
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(...workgroups);
  }
  pass.end();
}
