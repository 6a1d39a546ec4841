export { architecture } from './all-ops.ts';
export type { Architecture } from './architecture.ts';
export { type Capabilities, DEFAULT_CAPABILITIES } from './common/capabilities.ts';
export {
  ArchitectureError,
  CardError,
  DeviceLostError,
  FetchError,
  InputError,
  LinnetError,
  ModelError,
  NumericsError,
  UnsupportedError,
  type UnsupportedNode,
  WeightsError,
} from './common/errors.ts';
export type { ImageSize, Preprocess } from './common/picture.ts';
export type { OnProgress, Progress } from './common/progress.ts';
export { type CompileOptions, compile, planFor, type Tune, tensorsOf } from './compile.ts';
export type { Shape, Tensor, Value } from './graph/graph.ts';
export type { GraphBuilder } from './graph/graph-builder.ts';
export { pictures } from './picture/pictures.ts';
export { type PicturePlace, placePicture } from './picture/preprocess.ts';
export { pictureSize } from './picture/source.ts';
export { formatPlan, summarizePlan } from './plan/format.ts';
export type { Plan, PlannedKernel, PlannedValue } from './plan/plan.ts';
export type { PlanOptions, Precision } from './plan/target.ts';
export { capabilitiesOf, type RequestDeviceOptions, requestDevice } from './run/device.ts';
export type {
  ImageSource,
  NetworkInput,
  NetworkInputs,
  NetworkOutput,
  Picture,
  Pictures,
  RunInput,
  RunInputs,
} from './run/inputs.ts';
export { exportTuning, importTuning, type TunedChoices, type Tuning } from './run/kept.ts';
export type { Network } from './run/network.ts';
export type { Profile, ProfileOptions } from './run/profile.ts';
export type { Timing } from './run/timing.ts';
export {
  type LoadBytesOptions,
  type LoadWeightsOptions,
  loadBytes,
  loadWeights,
  type WeightsSource,
} from './weights/load.ts';
export { checkWeights, renameWeights, type Weights, weightsFrom } from './weights/weights.ts';
