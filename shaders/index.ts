// Every shader, for its place alone: a bundle keeps modules in the order in which they are first imported, and compresses
// best where those that are alike lie side by side.
import './image-to-tensor.wgsl.ts';
import './mask-to-picture.wgsl.ts';
import './mask-colours.wgsl.ts';
import './picture-overlay.wgsl.ts';
import './adaptive-average-pool2d.wgsl.ts';
import './pad2d.wgsl.ts';
import './pool2d.wgsl.ts';
import './resample2d.wgsl.ts';
import './copy.wgsl.ts';
import './repack.wgsl.ts';
import './elementwise.wgsl.ts';
import './reduce2d.wgsl.ts';
import './softmax.wgsl.ts';
import './conv2d.wgsl.ts';
import './conv-transpose2d.wgsl.ts';
import './conv2d-depthwise.wgsl.ts';
import './conv2d-pointwise.wgsl.ts';
import './conv2d-pointwise-split.wgsl.ts';
