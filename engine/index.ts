// A bundle is smaller when it is compressed where alike modules lie side by side: first the shaders, then what plans them.
import '../shaders/index.ts';
import './lower.ts';
import './fuse.ts';
import './join.ts';
import './plan.ts';

export {
  type CompileOptions,
  compile,
  type Network,
  type NetworkOutput,
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
export type { NetworkInput, NetworkInputs, RunInput, RunInputs } from './executable.ts';
export { formatPlan, summarizePlan } from './format-plan.ts';
export { type Architecture, architecture, type GraphBuilder, type Shape, type Tensor, type Value } from './graph.ts';
export { type PicturePlace, type Preprocess, placePicture } from './image.ts';
export { type ImageSize, type ImageSource, type Picture, pictureSize } from './picture.ts';
export type { Plan, PlannedKernel, PlannedValue } from './plan.ts';
export type { OnProgress, Progress } from './progress.ts';
export {
  checkWeights,
  type LoadWeightsOptions,
  loadWeights,
  renameWeights,
  type Weights,
  type WeightsSource,
  weightsFrom,
} from './weights.ts';
