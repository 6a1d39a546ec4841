import { gridOf, inOrder, textOf } from '../../shaders/kernel.ts';
import { maskColours } from '../../shaders/mask-colours.wgsl.ts';
import { type PictureOverlayOptions, pictureOverlay } from '../../shaders/picture-overlay.wgsl.ts';
import { InputError } from '../common/errors.ts';
import { oneOf, optional, unchecked } from '../common/kinds.ts';
import { type OptionValues, readTable } from '../common/options.ts';
import { sizesOf } from '../graph/sizes.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf, uniformBufferOf } from '../run/binding.ts';
import { record } from '../run/dispatch.ts';
import type { NetworkInput, Picture } from '../run/inputs.ts';
import { sessionOf } from '../run/session.ts';
import { COLOURS, type Colour, defaultColours, premultiplied, SHARE } from './colours.ts';
import { compileDrawing, type Drawing, onCanvas, onTexture } from './drawing.ts';
import { placeMask } from './mask.ts';
import { FIT, placePicture, requireSize } from './preprocess.ts';
import { maskOf, placementOf, type Segmenter } from './segmenter.ts';
import { createPictureReader, isTexture, sourcesOf } from './source.ts';

export interface OverlayOptions {
  /**
   * One for each class. Unless given, those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which colour-blind people
   * tell apart; of several classes the first one is the background, and transparent.
   */
  colours?: readonly Colour[] | undefined;
  /**
   * How a picture lies on what is drawn to: `contain`, unless given, shows the whole picture, with transparency beside it;
   * `cover` fills the target with the picture's middle, and `fill` stretches it.
   */
  fit?: 'contain' | 'cover' | 'fill' | undefined;
  /** `picture` gives the canvas the size of each picture that is drawn, in pixels; unless given, it keeps its own. */
  size?: 'picture' | undefined;
}

export interface DrawOptions {
  /**
   * `overlay`, unless given: the picture under the classes' colours. `cutout`: of the picture what belongs to a class
   * whose colour is not transparent, on a transparent canvas.
   */
  mode?: 'overlay' | 'cutout' | undefined;
  /** Of the colours, from 0 to 1: 0.5 unless given. For `cutout`, of what is cut out: 1 unless given. */
  opacity?: number | undefined;
  /** What the network gets instead of the picture: its tensor, or the picture at another size. */
  input?: NetworkInput | undefined;
}

/** Draws pictures with what a segmenter finds in them. */
export interface Overlay {
  /**
   * Runs the network on a picture and draws both, in one submission. Nothing is read back and nothing is waited for. A class
   * is as opaque as it is probable, so edges are soft. An <img> keeps its colour profile here, for the network too, as the
   * browser shows it. Wrong arguments throw at once; the promise rejects if the GPU refuses the work.
   */
  draw(picture: Picture, options?: DrawOptions): Promise<void>;
  /** Frees what `createOverlay` made, and gives the canvas back. */
  destroy(): void;
}

const OVERLAY_OPTIONS = {
  colours: [/* @__PURE__ */ optional(COLOURS), undefined],
  fit: [FIT, 'contain'],
  size: [/* @__PURE__ */ optional(/* @__PURE__ */ oneOf('picture')), undefined],
} as const;
const DRAW_OPTIONS = {
  mode: [/* @__PURE__ */ oneOf('overlay', 'cutout'), 'overlay'],
  opacity: [/* @__PURE__ */ optional(SHARE), undefined],
  // The network checks it.
  input: [/* @__PURE__ */ unchecked<NetworkInput>(), undefined],
} as const;

/**
 * Compiles what draws a segmenter's pictures to a canvas, whose context must not be in use for anything else, or into a
 * texture with the usage RENDER_ATTACHMENT (premultiplied, into its first level and layer). The overlay belongs to the
 * network's device: after `restore` with another one, make another overlay.
 *
 * The mask is coloured by a compute shader, once for each of its own pixels, and goes to the fragment shader as a texture:
 * a device in compatibility mode need not have storage buffers there, and a texture is filtered without work.
 */
export async function createOverlay(
  { network }: Pick<Segmenter, 'network'>,
  target: HTMLCanvasElement | OffscreenCanvas | GPUTexture,
  options: OverlayOptions = {},
): Promise<Overlay> {
  const { colours, fit, size } = readTable(options, OVERLAY_OPTIONS);
  const { device } = network;
  const { channels, width, height } = maskOf(network);
  const palette = premultiplied(colours ?? defaultColours(channels), channels);
  const { format, viewOf, resize, release } = isTexture(target) ? onTexture(target) : onCanvas(target, device);
  if (size && !resize) throw new InputError("There is no option 'size' for a texture.");
  const session = sessionOf(device);
  const owned = session.own();
  const free = () => {
    owned.destroy();
    release?.();
  };
  const [colouring, ...drawings] = await Promise.all([
    owned.pipeline('mask colours', textOf(maskColours, 'float32', {})),
    ...sourcesOf(device).map((source) =>
      compileDrawing(device, 'overlay', pictureOverlay, { source, linear: format.endsWith('-srgb') }, format).catch(
        session.explain,
      ),
    ),
  ]).catch((error) => {
    free();
    throw error;
  });

  const maskSizes = packFields(maskColours.fields, { channels, maskWidth: width, maskHeight: height });
  const workgroups = gridOf(maskColours, {}, sizesOf({ shape: [1, channels, height, width] }));
  const sizes = bufferOf(owned, 'mask colours params', maskSizes, 'UNIFORM');
  const colourBuffer = bufferOf(owned, 'mask colours', palette, 'STORAGE');
  const params = uniformBufferOf(owned, 'overlay params', pictureOverlay.fields);
  const coloured = owned.adopt(
    device.createTexture({
      label: 'coloured mask',
      size: { width, height },
      format: 'rgba16float',
      usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
    }),
  );
  const reader = owned.adopt(createPictureReader(device, 'overlay picture'));
  const sampler = device.createSampler({ label: 'overlay', minFilter: 'linear', magFilter: 'linear' });
  const view = coloured.createView();
  const groupOf = (mask: GPUBuffer) =>
    bindGroupOf(device, 'mask colours', colouring, [
      { buffer: sizes },
      ...inOrder(maskColours, {}, { mask: { buffer: mask }, colours: { buffer: colourBuffer }, output: view }),
    ]);
  // A network that is restored has its mask in another buffer.
  let bound = maskOf(network).buffer;
  let bindGroup = groupOf(bound);
  let destroyed = false;

  return {
    draw(picture, options = {}) {
      const drawing = readTable(options, DRAW_OPTIONS);
      if (destroyed) throw new InputError('The overlay has been destroyed.');
      if (network.device !== device) {
        throw new InputError('The network has another device: make another overlay.');
      }
      session.requireAlive();
      return session.submit(() => encode(picture, drawing));
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      free();
    },
  };

  // A video's frame expires with the task that imported it: nothing is awaited here.
  function encode(picture: Picture, { mode, opacity, input }: OptionValues<typeof DRAW_OPTIONS>): GPUCommandBuffer[] {
    const isCutout = mode === 'cutout';
    const { texture, resource, fields, ...shown } = reader.read(picture);
    const image = input ?? texture ?? picture;
    if (size) resize?.(shown);
    requireSize('target', target);
    const encoder = device.createCommandEncoder({ label: 'overlay' });
    network.encode(encoder, { image });
    const dest = placePicture({ fit }, shown, target);
    const place = placeMask({
      ...placementOf(network, image),
      output: { width: dest.destWidth, height: dest.destHeight },
    });
    const block = packFields(pictureOverlay.fields, {
      ...place,
      ...dest,
      ...fields,
      opacity: opacity ?? (isCutout ? 1 : 0.5),
      cutout: Number(isCutout),
    });
    device.queue.writeBuffer(params, 0, block);
    const { shader, pipeline } = drawings[texture ? 0 : 1] as Drawing<PictureOverlayOptions>;
    const mask = maskOf(network).buffer;
    if (mask !== bound) [bound, bindGroup] = [mask, groupOf(mask)];
    record(encoder, 'mask colours', [[{ pipeline: colouring, bindGroup, workgroups }]]);
    const pass = encoder.beginRenderPass({
      label: 'overlay',
      colorAttachments: [{ view: viewOf(), loadOp: 'clear', storeOp: 'store' }],
    });
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      bindGroupOf(device, 'overlay', pipeline, [
        { buffer: params },
        ...inOrder(pictureOverlay, shader, { input: resource, mask: view, linear: sampler }),
      ]),
    );
    pass.draw(3);
    pass.end();
    return [encoder.finish()];
  }
}
