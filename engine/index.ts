export { type CompileOptions, compile, type Network, type PlanOptions, type Precision, planFor } from './compile.ts';
export {
  type Capabilities,
  capabilitiesOf,
  DEFAULT_CAPABILITIES,
  type RequestDeviceOptions,
  requestDevice,
} from './device.ts';
export {
  ArchitectureError,
  CardError,
  DeviceLostError,
  FetchError,
  InputError,
  LinnetError,
  UnsupportedError,
  WeightsError,
} from './errors.ts';
export type { NetworkInput } from './executable.ts';
export { formatPlan, summarizePlan } from './format-plan.ts';
export { type Architecture, architecture, type GraphBuilder, type Shape, type Tensor, type Value } from './graph.ts';
export type { ImageSource, Preprocess } from './image.ts';
export type { Plan, PlannedKernel, PlannedValue } from './plan.ts';
export {
  checkWeights,
  type LoadWeightsOptions,
  loadWeights,
  renameWeights,
  type Weights,
  type WeightsSource,
  weightsFrom,
} from './weights.ts';
