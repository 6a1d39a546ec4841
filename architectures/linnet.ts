// The single file for a script tag: everything, as `window.linnet`. As in `engine/index.ts`, alike modules lie side by side.
import '../shaders/index.ts';
import '../engine/lower.ts';
import '../engine/fuse.ts';
import '../engine/join.ts';
import '../engine/plan.ts';
import '../engine/overlay.ts';

export * from '../engine/index.ts';
export * as architectures from './index.ts';
export { createOverlay, createSegmenter, loadModel } from './models.ts';
