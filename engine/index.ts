export {
  type CompileOptions,
  compile,
  type Network,
  type PlanOptions,
  type Precision,
  planFor,
  tensorsOf,
} from './compile.ts';
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
  NumericsError,
  UnsupportedError,
  WeightsError,
} from './errors.ts';
export { formatPlan, summarizePlan } from './format-plan.ts';
export { type Architecture, architecture, type GraphBuilder, type Shape, type Tensor, type Value } from './graph.ts';
export { type PicturePlace, type Preprocess, placePicture } from './image.ts';
export type { NetworkInput, NetworkInputs, NetworkOutput, RunInput, RunInputs } from './inputs.ts';
export { type LoadWeightsOptions, loadWeights, type WeightsSource } from './load-weights.ts';
export { type ImageSize, type ImageSource, type Picture, pictureSize } from './picture.ts';
export { type Pictures, pictures } from './pictures.ts';
export type { Plan, PlannedKernel, PlannedValue } from './plan.ts';
export type { OnProgress, Progress } from './progress.ts';
export { checkWeights, renameWeights, type Weights, weightsFrom } from './weights.ts';
