import {
  type Bound,
  type Extent,
  gridOf,
  inOrder,
  type Kernel,
  type ParamFields,
  type ParamValues,
  textOf,
} from '../../shaders/kernel.ts';
import { type PictureEffectOptions, pictureEffect } from '../../shaders/picture-effect.wgsl.ts';
import { pictureWithMask } from '../../shaders/picture-with-mask.wgsl.ts';
import { windowMean } from '../../shaders/window-mean.wgsl.ts';
import { InputError } from '../common/errors.ts';
import type { ImageSize } from '../common/picture.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf } from '../run/binding.ts';
import { type Dispatch, record } from '../run/dispatch.ts';
import type { Network } from '../run/network.ts';
import { createReadback } from '../run/readback.ts';
import { type Owned, sessionOf } from '../run/session.ts';
import { COLOUR, type Colour } from './colours.ts';
import { compileDrawing, type Drawing } from './drawing.ts';
import { type Background, paletteOf, type ReadEffect } from './effect.ts';
import type { Frame } from './frames.ts';
import { placeMask } from './mask.ts';
import { maskOf, placementOf, requireMask } from './segmenter.ts';
import { createPictureReader, sourcesOf } from './source.ts';

/** The longer side, in pixels, of the grid on which a mask is refined and a background is blurred. */
const GRID = 160;
/** Begin and end of the frame's copy and of the mask's refinement, between which the network runs; and when the frame is drawn. */
const STAMPS = 5;
const LABEL = 'stream';

/** What a frame of a size is drawn to. */
export type ViewFor = (device: GPUDevice, size: ImageSize) => GPUTextureView;

/** Draws frames with an effect, on one device. */
export interface Compositor {
  readonly device: GPUDevice;
  readonly network: Network | undefined;
  /** Whether the network tells what a picture shows, and not what each of its pixels shows. */
  readonly isClassifier: boolean;
  /**
   * Draws a frame into what `viewFor` gives for its size, in one submission. `infers`: whether a classifier runs. When the
   * GPU is done with it, resolves to the size, and to the classifier's probabilities, or to `STAMPS` timestamps of a segmenter,
   * where these are read. Rejects if the GPU refuses the work.
   */
  draw(
    frame: Frame,
    viewFor: ViewFor,
    infers: boolean,
  ): Promise<readonly [size: ImageSize, data: ArrayBuffer | undefined]>;
  destroy(): void;
}

/**
 * Compiles what draws frames to targets of a format; without a network, as they are. `timing`: whether stages are timed, where
 * the device can. What a failure leaves is freed.
 *
 * A frame that the browser imports is first copied to a texture, on the GPU: a shader converts the colours of an imported one
 * whenever it reads them, and the network and the effect read each pixel more than once.
 *
 * The mask comes to the frame's resolution by a fast guided filter (`window-mean`) on a small grid.
 */
export async function createCompositor(
  device: GPUDevice,
  format: GPUTextureFormat,
  network: Network | undefined,
  effect: ReadEffect,
  timing: boolean,
): Promise<Compositor> {
  const { kind } = effect;
  const scores = network?.outputs.probabilities;
  const isClassifier = scores?.shape.length === 2;
  if (isClassifier && kind !== 'none') throw new InputError(`A classifier has no effect '${kind}'.`);
  if (network && !isClassifier) requireMask(network.plan.name, (scores ?? network.outputs.mask)?.shape);
  const segmenter = kind === 'none' ? undefined : network;
  const session = sessionOf(device);
  session.requireAlive();
  const owned = session.own();
  /** With what belongs to frames of a size. */
  let room = session.own();
  let copied: GPUTexture | undefined;
  const destroy = () => {
    copied?.destroy();
    room.destroy();
    owned.destroy();
  };

  try {
    const draws = (
      source: PictureEffectOptions['source'],
      effect: PictureEffectOptions['effect'],
      to: GPUTextureFormat,
    ) => compileDrawing<PictureEffectOptions>(device, LABEL, pictureEffect, { source, effect }, to);
    const [show, copy, refining] = await Promise.all([
      draws('texture', segmenter ? kind : 'none', format),
      sourcesOf(device).includes('external') ? draws('external', 'none', 'rgba8unorm') : undefined,
      segmenter &&
        Promise.all([
          compileProgram(owned, pictureWithMask, { effect: kind }),
          compileProgram(owned, windowMean, { to: 'means' }),
          compileProgram(owned, windowMean, { to: 'lines' }),
          kind === 'blur' ? compileProgram(owned, windowMean, { to: 'picture' }) : undefined,
        ]),
    ]).catch(session.explain);

    const linear = device.createSampler({ minFilter: 'linear', magFilter: 'linear' });
    const reader = owned.adopt(createPictureReader(device, LABEL));
    const still = segmenter && !['blur', 'colours'].includes(kind) ? readStill(owned, effect) : undefined;
    const palette = segmenter && bufferOf(owned, LABEL, paletteOf(effect, maskOf(segmenter).channels), 'STORAGE');
    const stamps =
      timing && segmenter && device.features.has('timestamp-query')
        ? owned.adopt(device.createQuerySet({ type: 'timestamp', count: STAMPS }))
        : undefined;
    const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
    const range = stamps
      ? { buffer: owned.buffer(LABEL, 8 * STAMPS, QUERY_RESOLVE | COPY_SRC), offset: 0, size: 8 * STAMPS }
      : isClassifier && { buffer: scores.buffer, offset: 0, size: scores.bytes };
    const readback = range && createReadback(owned, LABEL, [range]);
    /** For a pass that begins and ends with these. */
    const times = (begin: number | undefined, end: number) =>
      stamps &&
      ({
        querySet: stamps,
        beginningOfPassWriteIndex: begin,
        endOfPassWriteIndex: end,
      } as GPURenderPassTimestampWrites);

    const { opacity } = effect;
    const params = { buffer: bufferOf(owned, LABEL, packFields(pictureEffect.fields, { opacity }), 'UNIFORM') };
    const bind = (
      { pipeline, shader }: Drawing<PictureEffectOptions>,
      input: GPUBindingResource,
      coefficients: GPUBindingResource = linear,
      other: GPUBindingResource = linear,
    ) =>
      bindGroupOf(device, LABEL, pipeline, [
        params,
        ...inOrder(pictureEffect, shader, { input, coefficients, other, linear }),
      ]);

    let frame: GPUTexture | undefined;
    let mask: GPUBuffer | undefined;
    let shown: GPUBindGroup;
    let dispatches: Dispatch[] = [];

    /** The frame in a texture. */
    const bring = (encoder: GPUCommandEncoder, given: Frame): GPUTexture => {
      const { texture, resource, ...size } = reader.read(given);
      if (texture || !copy) {
        if (stamps) record(encoder, LABEL, [], times(0, 1));
        return texture as GPUTexture;
      }
      copied = textureOf(device, size, GPUTextureUsage.RENDER_ATTACHMENT, copied);
      drawInto(encoder, copied.createView(), copy.pipeline, bind(copy, resource), times(0, 1));
      return copied;
    };

    /** Makes what frames of this texture, and masks of this buffer, are drawn with. */
    const prepare = (next: GPUTexture) => {
      const found = segmenter && maskOf(segmenter);
      if (frame === next && mask === found?.buffer) return;
      room.destroy();
      room = session.own();
      [frame, mask] = [next, found?.buffer];
      const view = next.createView();
      if (!segmenter || !found || !refining || !palette) {
        shown = bind(show, view);
        return;
      }
      const sized = (longer: number) => {
        const factor = longer / Math.max(next.width, next.height);
        return { width: Math.ceil(next.width * factor), height: Math.ceil(next.height * factor) };
      };
      const grid = sized(GRID);
      const made = (size: ImageSize, format?: 'rgba16float') =>
        room.adopt(textureOf(device, size, GPUTextureUsage.STORAGE_BINDING, undefined, format)).createView();
      const [moments, other] = [made(grid, 'rgba16float'), made(grid)];
      const [find, means, lines, blur] = refining;
      const fields = {
        ...placeMask({ ...placementOf(segmenter, next), output: grid }),
        channels: found.channels,
        outputWidth: grid.width,
        outputHeight: grid.height,
      };
      dispatches = [
        find(room, grid, fields, {
          input: view,
          linear,
          mask: { buffer: found.buffer },
          colours: { buffer: palette },
          output: { buffer: room.buffer(LABEL, 4 * grid.width * grid.height, GPUBufferUsage.STORAGE) },
          moments,
          texture: other,
        }),
      ];
      const average = (input: GPUTextureView, reach: number, spacing: number, finish: typeof means, size = grid) => {
        const between = { ...size, height: grid.height };
        const [rows, output] = [made(between, 'rgba16float'), made(size)];
        dispatches.push(
          means(room, between, { reach, spacing }, { input, linear, output: rows }),
          finish(room, size, { reach, spacing }, { input: rows, linear, output }),
        );
        return output;
      };
      // As far as a pixel of the mask reaches.
      const coefficients = average(moments, Math.ceil(1 / fields.stepX) + 0.5, 1, lines);
      const reach = effect.radius * grid.height + 1.5;
      const behind = blur ? average(other, reach, 2, blur, sized((3 * GRID) / reach)) : (still?.createView() ?? other);
      shown = bind(show, view, coefficients, behind);
    };

    return {
      device,
      network,
      isClassifier,
      async draw(given, viewFor, infers) {
        let image!: GPUTexture;
        const submit = (finish?: (encoder: GPUCommandEncoder) => void) =>
          session.submit(() => {
            const encoder = device.createCommandEncoder({ label: LABEL });
            image = bring(encoder, given);
            prepare(image);
            if (segmenter || infers) network?.encode(encoder, { image });
            if (segmenter) record(encoder, LABEL, [dispatches], times(2, 3));
            drawInto(encoder, viewFor(device, image), show.pipeline, shown, times(undefined, 4));
            if (stamps && range) encoder.resolveQuerySet(stamps, 0, STAMPS, range.buffer, 0);
            finish?.(encoder);
            return [encoder.finish()];
          });
        const [[data]] = await Promise.all([
          readback && (stamps || infers) ? readback(submit) : submit().then(() => []),
          session.waitFor(device.queue.onSubmittedWorkDone()),
        ]);
        return [image, data];
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** A texture of this size, for this and to be read; the one before if that has it, which else is destroyed. */
export function textureOf(
  device: GPUDevice,
  size: ImageSize,
  usage: number,
  before?: GPUTexture,
  format: GPUTextureFormat = 'rgba8unorm',
): GPUTexture {
  if (before?.width === size.width && before.height === size.height) return before;
  before?.destroy();
  return device.createTexture({
    label: LABEL,
    size,
    format,
    usage: usage | GPUTextureUsage.TEXTURE_BINDING,
  });
}

function drawInto(
  encoder: GPUCommandEncoder,
  view: GPUTextureView,
  pipeline: GPURenderPipeline,
  bindGroup: GPUBindGroup,
  timestampWrites: GPURenderPassTimestampWrites | undefined,
): void {
  const pass = encoder.beginRenderPass({
    label: LABEL,
    colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }],
    timestampWrites,
  } as GPURenderPassDescriptor);
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.draw(3);
  pass.end();
}

/** The texture of another background: of one pixel for a colour. */
function readStill(owned: Owned, { background }: ReadEffect): GPUTexture {
  const reader = owned.adopt(createPictureReader(owned.session.device, LABEL));
  const pixelOf = ([red, green, blue, alpha = 1]: Colour) =>
    new ImageData(Uint8ClampedArray.of(255 * red, 255 * green, 255 * blue, 255 * alpha), 1, 1);
  const picture = COLOUR.accepts(background) ? pixelOf(background) : background;
  const { texture } = reader.read(picture as Background);
  if (!texture) throw new InputError('The background is a video.');
  return texture;
}

/** Compiles a kernel of pictures, and gives what makes a dispatch of it for an output of some size, all that it looks at. */
async function compileProgram<Options, Fields extends ParamFields, Name extends string>(
  owned: Owned,
  kernel: Kernel<Options, Fields, Name>,
  options: Options,
) {
  const pipeline = await owned.pipeline(kernel.kind, textOf(kernel, 'float32', options));
  return (
    room: Owned,
    size: ImageSize,
    fields: ParamValues<Fields>,
    items: Bound<Name, GPUBindingResource>,
  ): Dispatch => ({
    pipeline,
    bindGroup: bindGroupOf(room.session.device, kernel.kind, pipeline, [
      { buffer: bufferOf(room, kernel.kind, packFields(kernel.fields, fields), 'UNIFORM') },
      ...inOrder(kernel, options, items),
    ]),
    workgroups: gridOf(kernel, options, size as Extent),
  });
}
