import {
  type Bound,
  gridOf,
  inOrder,
  type Kernel,
  type ParamFields,
  type ParamValues,
  textOf,
} from '../../shaders/kernel.ts';
import { pictureShrink } from '../../shaders/picture-shrink.wgsl.ts';
import { pictureWithMask } from '../../shaders/picture-with-mask.wgsl.ts';
import { type WindowMeanOptions, windowMean } from '../../shaders/window-mean.wgsl.ts';
import { InputError } from '../common/errors.ts';
import type { ImageSize } from '../common/picture.ts';
import type { MapShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { PlannedInput } from '../plan/plan.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf } from '../run/binding.ts';
import type { Dispatch } from '../run/dispatch.ts';
import type { Network } from '../run/network.ts';
import type { Owned } from '../run/session.ts';
import type { ReadEffect } from './effect.ts';
import { placeMask } from './mask.ts';
import { placePicture } from './preprocess.ts';
import { maskOf } from './segmenter.ts';

/** The longer side, in pixels, of the grid on which a mask is refined and a background is blurred. */
const GRID = 128;
/** How far around a pixel of the grid the guided filter looks, as a part of the picture's height. */
const REACH = 0.03;
/** For the guided filter, differences of luma whose square is much less are no edges. */
const SMOOTHNESS = 0.002;
/** How much of a small change of the mask each frame takes over. */
const PACE = 0.25;
/** The loops of the shaders end there. */
const MOST_SAMPLES = 64;
const MOST_RADIUS = 64;

/** What goes before and after a network, for frames in one texture. */
export interface Refinement {
  /** The whole frame, at the size at which the network sees it. */
  readonly seen: GPUTexture;
  /** Make `seen` of the frame. */
  readonly before: readonly Dispatch[];
  /** Refine the mask. */
  readonly after: readonly Dispatch[];
  /** By which a pixel's luma gives its share of the mask: see `window-mean`. */
  readonly coefficients: GPUTexture;
  /** The blurred background, or the classes' colours. */
  readonly other: GPUTexture | undefined;
}

/**
 * Compiles what brings frames to a segmenter's network, and its mask to the frames' resolution: by a fast guided filter on a
 * small grid. `other`: what the effect needs besides the mask.
 */
export async function compileRefiner(owned: Owned, network: Network, effect: ReadEffect) {
  const { device } = network;
  const { preprocess } = network;
  if (!preprocess) throw new InputError(`The network '${network.plan.name}' takes tensors only, no pictures.`);
  const isColoured = effect.drawing === 'colours';
  const blur = typeof effect.background === 'number' ? effect.background : undefined;
  const mean = (axis: 'x' | 'y', of: WindowMeanOptions['of'], to: WindowMeanOptions['to']) =>
    compileProgram(owned, windowMean, { axis, of, to });
  const [shrink, find, sumMoments, solve, smooth, finish, sumBackground] = await Promise.all([
    compileProgram(owned, pictureShrink, {}),
    compileProgram(owned, pictureWithMask, { coloured: isColoured }),
    mean('x', 'moments', 'values'),
    mean('y', 'values', 'coefficients'),
    mean('x', 'values', 'values'),
    mean('y', 'values', 'texture'),
    mean('x', 'background', 'values'),
  ]);
  const palette = bufferOf(owned, 'colours', effect.paletteFor(maskOf(network).channels), 'STORAGE');
  const linear = device.createSampler({ minFilter: 'linear', magFilter: 'linear' });

  /** What belongs to the frames goes with `room`. */
  return (room: Owned, frame: GPUTexture): Refinement => {
    const [, , height, width] = (network.plan.inputs.image as PlannedInput).shape as MapShape;
    const input = { width, height };
    const { buffer: mask, channels, ...maskSize } = maskOf(network);
    const { destWidth, destHeight } = placePicture(preprocess, frame, input);
    const size = { width: destWidth, height: destHeight };
    const factor = Math.min(1, GRID / Math.max(destWidth, destHeight));
    const grid = { width: Math.ceil(destWidth * factor), height: Math.ceil(destHeight * factor) };

    const texture = (label: string, { width, height }: ImageSize, format: GPUTextureFormat) =>
      room.adopt(
        device.createTexture({
          label,
          size: { width, height },
          format,
          usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
        }),
      );
    const values = (label: string) => ({
      buffer: room.buffer(label, 16 * grid.width * grid.height, GPUBufferUsage.STORAGE),
    });
    const seen = texture('frame as seen', size, 'rgba8unorm');
    const coefficients = texture('mask coefficients', grid, 'rgba16float');
    const other = isColoured || blur !== undefined ? texture('frame background', grid, 'rgba16float') : undefined;
    const [found, one, two] = [values('frame with mask'), values('means of rows'), values('coefficients')];

    const samples = Math.ceil(Math.max(frame.width / size.width, frame.height / size.height) / 2);
    const view = seen.createView();
    const before = [
      shrink(
        room,
        size,
        { ...size, samples: Math.min(MOST_SAMPLES, samples) },
        { input: frame.createView(), linear, output: view },
      ),
    ];
    const fields = {
      ...placeMask({ preprocess, picture: size, output: grid, input, mask: maskSize }),
      ...grid,
      channels,
      pace: PACE,
    };
    const reading = { input: view, linear, mask: { buffer: mask }, colours: { buffer: palette }, output: found };
    const after = [find(room, grid, fields, { ...reading, colouring: (other ?? coefficients).createView() })];
    /** A window's mean, with a radius that is a part of the frame's height. */
    const average = (
      [alongRows, alongColumns]: readonly [row: Averaging, column: Averaging],
      part: number,
      input: GPUBufferBinding,
      output: GPUBindingResource,
    ) => {
      const along = (axis: 'width' | 'height') => {
        const pixels = Math.round((part * frame.height * grid[axis]) / frame[axis]);
        return { ...grid, radius: Math.min(MOST_RADIUS, Math.max(1, pixels)), smoothness: SMOOTHNESS };
      };
      after.push(alongRows(room, grid, along('width'), { input, output: one }));
      after.push(alongColumns(room, grid, along('height'), { input: one, output }));
    };
    average([sumMoments, solve], REACH, found, two);
    average([smooth, finish], REACH, two, coefficients.createView());
    if (blur !== undefined && other) average([sumBackground, finish], blur, found, other.createView());
    return { seen, before, after, coefficients, other };
  };
}

type Averaging =
  ReturnType<typeof compileProgram<WindowMeanOptions, typeof windowMean.fields, 'input' | 'output'>> extends Promise<
    infer Program
  >
    ? Program
    : never;

/** Compiles a kernel, and gives what makes a dispatch of it for an output of some size. */
async function compileProgram<Options, Fields extends ParamFields, Name extends string>(
  owned: Owned,
  kernel: Kernel<Options, Fields, Name>,
  options: Options,
) {
  const pipeline = await owned.pipeline(kernel.kind, textOf(kernel, 'float32', options));
  return (
    room: Owned,
    { width, height }: ImageSize,
    fields: ParamValues<Fields>,
    items: Bound<Name, GPUBindingResource>,
  ): Dispatch => {
    const params = bufferOf(room, `${kernel.kind} params`, packFields(kernel.fields, fields), 'UNIFORM');
    const resources = [{ buffer: params }, ...inOrder(kernel, options, items)];
    return {
      pipeline,
      bindGroup: bindGroupOf(room.session.device, kernel.kind, pipeline, resources),
      workgroups: gridOf(kernel, options, sizesOf({ shape: [1, 1, height, width] })),
    };
  };
}
