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
import { type WindowMeanOptions, windowMean } from '../../shaders/window-mean.wgsl.ts';
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
    /** Along rows and along columns. */
    const means = (of: WindowMeanOptions['of'], to: WindowMeanOptions['to']) =>
      Promise.all([
        compileProgram(owned, windowMean, { of, to: 'values' }),
        compileProgram(owned, windowMean, { of: 'values', to }),
      ]);
    const drawn = !segmenter ? 'none' : kind === 'colours' ? kind : 'background';
    const [show, copy, refining] = await Promise.all([
      draws('texture', drawn, format),
      sourcesOf(device).includes('external') ? draws('external', 'none', 'rgba8unorm') : undefined,
      segmenter &&
        Promise.all([
          compileProgram(owned, pictureWithMask, {}),
          means('moments', 'coefficients'),
          means('background', 'picture'),
        ]),
    ]).catch(session.explain);

    const linear = device.createSampler({ minFilter: 'linear', magFilter: 'linear' });
    const reader = owned.adopt(createPictureReader(device, LABEL));
    const still = drawn === 'background' && kind !== 'blur' ? readStill(owned, effect) : undefined;
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
    const textureOf = (size: ImageSize, format: GPUTextureFormat, usage: number) =>
      device.createTexture({
        label: LABEL,
        size,
        format,
        usage: usage | GPUTextureUsage.TEXTURE_BINDING,
      });

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
      if (copied?.width !== size.width || copied.height !== size.height) {
        copied?.destroy();
        copied = textureOf(size, 'rgba8unorm', GPUTextureUsage.RENDER_ATTACHMENT);
      }
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
      const factor = GRID / 2 / Math.max(next.width, next.height);
      const half = { width: Math.ceil(next.width * factor), height: Math.ceil(next.height * factor) };
      const grid = { width: 2 * half.width, height: 2 * half.height };
      const values = () => ({ buffer: room.buffer(LABEL, 16 * grid.width * grid.height, GPUBufferUsage.STORAGE) });
      const texture = (size: ImageSize, format: GPUTextureFormat) =>
        room.adopt(textureOf(size, format, GPUTextureUsage.STORAGE_BINDING)).createView();
      const [small, rows, coefficients] = [values(), values(), texture(grid, 'rgba16float')];
      const other = texture(grid, 'rgba16float');
      const [find, solve, soften] = refining;
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
          output: small,
          texture: other,
        }),
      ];
      const average = (
        [alongRows, alongColumns]: typeof solve,
        radius: number,
        output: GPUBindingResource,
        size = grid,
      ) => {
        const fields = { ...grid, reach: radius + 1, halves: Number(size === half) };
        const between = { ...grid, width: size.width };
        dispatches.push(
          alongRows(room, between, fields, { input: small, output: rows }),
          alongColumns(room, size, { ...fields, ...between }, { input: rows, output }),
        );
      };
      // As far as a pixel of the mask reaches.
      average(solve, Math.ceil(1 / fields.stepX), coefficients);
      let behind = still?.createView() ?? other;
      if (kind === 'blur') {
        behind = texture(half, 'rgba8unorm');
        average(soften, Math.round(effect.radius * grid.height), behind, half);
      }
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
