// All functions that specs run in the page: each takes the shared device and one argument that JSON can carry.
export * from './beforehand.ts';
export { compareFading, compareHeat, comparePreviews, listFadings } from './fade.ts';
export * from './fetch.ts';
export * from './harness.ts';
export {
  checkBatch,
  checkChangingPictures,
  checkPicture,
  checkWideFrame,
  comparePillow,
  countRefusals,
} from './images.ts';
export * from './inside.ts';
export * from './interface.ts';
export * from './lifetime.ts';
export * from './model-files.ts';
export * from './models.ts';
export * from './networks.ts';
export * from './onnx.ts';
export * from './ops.ts';
export * from './overlay.ts';
export * from './picture-inputs.ts';
export * from './profile.ts';
export * from './segment.ts';
export * from './stream.ts';
export * from './tflite.ts';
export * from './trained.ts';
export * from './tune.ts';
export * from './twins.ts';
