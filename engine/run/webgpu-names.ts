// WebGPU's interfaces by name. TypeScript knows them since version 6, or by the package @webgpu/types: there these
// declarations add nothing. For a user who has neither they are empty, so that the package's declarations hold all the same.
declare global {
  interface GPU {}
  interface GPUAdapterInfo {}
  interface GPUBindGroup {}
  interface GPUBuffer {}
  interface GPUBufferBinding {}
  interface GPUCommandBuffer {}
  interface GPUCommandEncoder {}
  interface GPUComputePassTimestampWrites {}
  interface GPUComputePipeline {}
  interface GPUDevice {}
  interface GPUExternalTexture {}
  interface GPUQuerySet {}
  interface GPUTexture {}
  interface GPUTextureView {}
}

export {};
