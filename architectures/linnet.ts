// The single file for a script tag: everything, as `window.linnet`.
export * from '../engine/index.ts';
export * as architectures from './index.ts';
export { createOverlay, createSegmenter, loadModel } from './models.ts';
