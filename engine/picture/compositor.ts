import { inOrder } from '../../shaders/kernel.ts';
import { type PictureEffectOptions, pictureEffect } from '../../shaders/picture-effect.wgsl.ts';
import { InputError } from '../common/errors.ts';
import type { ImageSize } from '../common/picture.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf } from '../run/binding.ts';
import { record } from '../run/dispatch.ts';
import type { Network } from '../run/network.ts';
import { createReadback } from '../run/readback.ts';
import { type Owned, sessionOf } from '../run/session.ts';
import type { Colour } from './colours.ts';
import { compileDrawing, type Drawing } from './drawing.ts';
import { type Background, isColour, type ReadEffect } from './effect.ts';
import type { Frame } from './frames.ts';
import { compileRefiner, type Refinement } from './refiner.ts';
import { maskOf, requireMask } from './segmenter.ts';
import { createPictureReader, sourcesOf } from './source.ts';

/** Draws frames with an effect, on one device. */
export interface Compositor {
  readonly device: GPUDevice;
  /** What the data of a frame are: timestamps around the stages, or a classifier's probabilities. */
  readonly reads: 'stamps' | 'probabilities' | undefined;
  /**
   * Draws a frame into what `targetFor` gives for its size, in one submission. `infers`: whether a classifier runs, and is read.
   * Rejects if the GPU refuses the work.
   */
  draw(frame: Frame, targetFor: (size: ImageSize) => GPUTextureView, infers: boolean): Promise<ArrayBuffer | undefined>;
  destroy(): void;
}

export interface CompositorOptions {
  readonly device: GPUDevice;
  /** Of the target. */
  readonly format: GPUTextureFormat;
  readonly effect: ReadEffect;
  /** None: frames are drawn as they are. */
  readonly network: Network | undefined;
  /** Whether stages are timed, where the device can. */
  readonly timing: boolean;
}

/** What is made for frames of a size, and anew if the network has its mask elsewhere. */
interface Room {
  readonly owned: Owned;
  readonly frame: GPUTexture;
  readonly mask: GPUBuffer | undefined;
  readonly refinement: Refinement | undefined;
  readonly bindGroup: GPUBindGroup;
}

/** Of frames that are copied. */
const FORMAT = 'rgba8unorm';
/** At the beginning, and when the frame is as the network sees it, the network is done, the mask is refined, the frame is drawn. */
const STAMPS = 5;

/** Whether a network is a classifier. Throws an `ArchitectureError` if it is no segmenter either. */
function isClassifier({ outputs, plan }: Network): boolean {
  if (outputs.probabilities?.shape.length === 2) return true;
  requireMask(plan.name, (outputs.probabilities ?? outputs.mask)?.shape);
  return false;
}

/**
 * Compiles what draws frames. What a failure leaves is freed.
 *
 * A frame that the browser imports is first copied to a texture, on the GPU: a shader converts colours whenever it reads an
 * imported frame, and the network and the effect read each pixel more than once.
 */
export async function createCompositor({
  device,
  format,
  effect,
  network,
  timing,
}: CompositorOptions): Promise<Compositor> {
  const session = sessionOf(device);
  session.requireAlive();
  const owned = session.own();
  let room: Room | undefined;
  const destroy = () => {
    room?.owned.destroy();
    owned.destroy();
  };
  try {
    const classifier = network && isClassifier(network) ? network : undefined;
    if (classifier && effect.drawing !== 'none') {
      throw new InputError(`The network '${classifier.plan.name}' is a classifier, for which there is no effect.`);
    }
    const segmenter = classifier || effect.drawing === 'none' ? undefined : network;
    const drawing = segmenter ? effect.drawing : 'none';
    const [show, copy, refine] = await Promise.all([
      compileDrawing<PictureEffectOptions>(
        device,
        'frame',
        pictureEffect,
        { source: 'texture', effect: drawing },
        format,
      ),
      sourcesOf(device).includes('external')
        ? compileDrawing<PictureEffectOptions>(
            device,
            'frame copy',
            pictureEffect,
            { source: 'external', effect: 'none' },
            FORMAT,
          )
        : undefined,
      segmenter && compileRefiner(owned, segmenter, effect),
    ]).catch(session.explain);
    const background = drawing === 'background' ? readBackground(owned, effect.background) : undefined;
    const linear = device.createSampler({ label: 'frame', minFilter: 'linear', magFilter: 'linear' });
    const reader = owned.adopt(createPictureReader(device, 'frame'));
    const stamps = timing && segmenter && device.features.has('timestamp-query') ? createStamps(owned) : undefined;
    const scores = classifier?.outputs.probabilities;
    const range = stamps?.range ?? (scores && { buffer: scores.buffer, offset: 0, size: scores.bytes });
    const readback = range && createReadback(owned, 'frame', [range]);

    const bind = (
      { pipeline, shader }: Drawing<PictureEffectOptions>,
      input: GPUBindingResource,
      params: GPUBuffer,
      { coefficients, other }: Partial<Record<'coefficients' | 'other', GPUTexture | undefined>> = {},
    ) => {
      const viewOf = (texture: GPUTexture | undefined) => texture?.createView() ?? linear;
      const items = { input, coefficients: viewOf(coefficients), other: viewOf(other), linear };
      return bindGroupOf(device, 'frame', pipeline, [{ buffer: params }, ...inOrder(pictureEffect, shader, items)]);
    };
    const paramsOf = (owner: Owned, [scaleX, scaleY]: readonly [number, number]) => {
      const offsets = { offsetX: (1 - scaleX) / 2, offsetY: (1 - scaleY) / 2 };
      const block = packFields(pictureEffect.fields, { scaleX, scaleY, ...offsets, opacity: effect.opacity });
      return bufferOf(owner, 'frame params', block, 'UNIFORM');
    };
    const whole = paramsOf(owned, [1, 1]);

    /** The frame in a texture. */
    const bring = (encoder: GPUCommandEncoder, frame: Frame): GPUTexture => {
      const { texture, resource, width, height } = reader.read(frame);
      if (texture || !copy) return texture as GPUTexture;
      const { TEXTURE_BINDING, RENDER_ATTACHMENT } = GPUTextureUsage;
      const copied =
        room?.frame.width === width && room.frame.height === height
          ? room.frame
          : device.createTexture({
              label: 'frame',
              size: { width, height },
              format: FORMAT,
              usage: TEXTURE_BINDING | RENDER_ATTACHMENT,
            });
      drawTriangle(encoder, copied.createView(), copy.pipeline, bind(copy, resource, whole), stamps?.writes(0));
      return copied;
    };

    const roomFor = (frame: GPUTexture): Room => {
      const mask = segmenter && maskOf(segmenter).buffer;
      if (room?.frame === frame && room.mask === mask) return room;
      room?.owned.destroy([frame]);
      const own = session.own();
      if (copy) own.adopt(frame);
      const refinement = refine?.(own, frame);
      const params = background ? paramsOf(own, shownOf(background, frame)) : whole;
      const textures = { coefficients: refinement?.coefficients, other: background ?? refinement?.other };
      const bindGroup = bind(show, frame.createView(), params, textures);
      room = { owned: own, frame, mask, refinement, bindGroup };
      return room;
    };

    return {
      device,
      reads: stamps ? 'stamps' : scores && 'probabilities',
      async draw(frame, targetFor, infers) {
        const submit = (finish?: (encoder: GPUCommandEncoder) => void) =>
          session.submit(() => {
            const encoder = device.createCommandEncoder({ label: 'frame' });
            const texture = bring(encoder, frame);
            const { refinement, bindGroup } = roomFor(texture);
            if (refinement && segmenter) {
              record(encoder, 'frame as seen', [refinement.before], stamps?.writes(copy ? undefined : 0, 1));
              segmenter.encode(encoder, { image: refinement.seen });
              record(encoder, 'refined mask', [refinement.after], stamps?.writes(2, 3));
            }
            if (infers) classifier?.encode(encoder, { image: texture });
            drawTriangle(encoder, targetFor(texture), show.pipeline, bindGroup, stamps?.writes(undefined, 4));
            stamps?.resolve(encoder);
            finish?.(encoder);
            return [encoder.finish()];
          });
        if (!readback || (scores && !infers)) return void (await submit());
        return (await readback(submit))[0];
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

function drawTriangle(
  encoder: GPUCommandEncoder,
  view: GPUTextureView,
  pipeline: GPURenderPipeline,
  bindGroup: GPUBindGroup,
  timestampWrites: GPURenderPassTimestampWrites | undefined,
): void {
  const pass = encoder.beginRenderPass({
    label: 'frame',
    colorAttachments: [{ view, loadOp: 'clear', storeOp: 'store' }],
    ...(timestampWrites && { timestampWrites }),
  });
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, bindGroup);
  pass.draw(3);
  pass.end();
}

function createStamps({ adopt, buffer: create, session }: Owned) {
  const querySet = adopt(session.device.createQuerySet({ label: 'frame', type: 'timestamp', count: STAMPS }));
  const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const range = { buffer: create('frame times', 8 * STAMPS, QUERY_RESOLVE | COPY_SRC), offset: 0, size: 8 * STAMPS };
  return {
    range,
    /** Of a pass. */
    writes: (begin: number | undefined, end?: number) => ({
      querySet,
      ...(begin !== undefined && { beginningOfPassWriteIndex: begin }),
      ...(end !== undefined && { endOfPassWriteIndex: end }),
    }),
    resolve: (encoder: GPUCommandEncoder) => encoder.resolveQuerySet(querySet, 0, STAMPS, range.buffer, 0),
  };
}

/** The texture of what is there instead of the background: one pixel for a colour; none for a blurred background. */
function readBackground(owned: Owned, background: ReadEffect['background']): GPUTexture | undefined {
  if (typeof background === 'number') return undefined;
  const reader = owned.adopt(createPictureReader(owned.session.device, 'background'));
  const picture: Background = isColour(background) ? colourPicture(background) : background;
  const { texture } = reader.read(picture);
  if (!texture) throw new InputError('The background is a video; it should be a picture that stands still.');
  return texture;
}

function colourPicture([red, green, blue, alpha = 1]: Colour) {
  return new ImageData(Uint8ClampedArray.of(255 * red, 255 * green, 255 * blue, 255 * alpha), 1, 1);
}

/** Which part of the background is seen, along either axis: its middle fills the frame. */
function shownOf(background: ImageSize, frame: ImageSize): readonly [number, number] {
  const factor = Math.max(frame.width / background.width, frame.height / background.height);
  return [frame.width / (background.width * factor), frame.height / (background.height * factor)];
}
