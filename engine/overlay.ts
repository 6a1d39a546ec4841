import { BINDINGS } from '../shaders/interface.ts';
import { MASK_COLOURS_FIELDS, maskColours } from '../shaders/mask-colours.wgsl.ts';
import { PICTURE_OVERLAY_FIELDS as FIELDS, pictureOverlay } from '../shaders/picture-overlay.wgsl.ts';
import { InputError } from './errors.ts';
import type { NetworkInput } from './executable.ts';
import { createPictureTexture, type ImageSource, isVideo } from './image.ts';
import { placeMask } from './mask.ts';
import { packFields } from './params.ts';
import { compilePipeline } from './resources.ts';
import { maskOf, placementOf, type Segmenter } from './segmenter.ts';

/** Red, green, blue and, unless it is 1, alpha; from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

export interface OverlayOptions {
  /**
   * One for each class. Unless given, those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which colour-blind people
   * tell apart; of several classes the first one is the background, and transparent.
   */
  colours?: readonly Colour[] | undefined;
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
   * Runs the network on a picture and draws both, stretched to the canvas's size. Nothing is read back and nothing is
   * waited for. A class is as opaque as it is probable, so edges are soft. An <img> keeps its colour profile here, for
   * the network too, as the browser shows it.
   */
  draw(picture: GPUTexture | ImageSource, options?: DrawOptions): void;
  /** Frees what `createOverlay` made, and gives the canvas back. */
  destroy(): void;
}

const OKABE_ITO: readonly Colour[] = [
  [0.835, 0.369, 0],
  [0.337, 0.706, 0.914],
  [0, 0.62, 0.451],
  [0.941, 0.894, 0.259],
  [0, 0.447, 0.698],
  [0.902, 0.624, 0],
  [0.8, 0.475, 0.655],
];

/**
 * Compiles what draws a segmenter's pictures to a canvas, whose context must not be in use for anything else. The overlay
 * belongs to the network's device: after `restore` with another one, make another overlay.
 *
 * The mask is coloured by a compute shader, once for each of its own pixels, and goes to the fragment shader as a texture:
 * a device in compatibility mode need not have storage buffers there, and a texture is filtered without work.
 */
export async function createOverlay(
  { network }: Pick<Segmenter, 'network'>,
  canvas: HTMLCanvasElement | OffscreenCanvas,
  { colours }: OverlayOptions = {},
): Promise<Overlay> {
  const { device } = network;
  const { channels, width, height } = maskOf(network);
  const palette = premultiplied(colours ?? defaultColours(channels), channels);
  const context = canvas.getContext('webgpu') as GPUCanvasContext | null;
  if (!context) throw new InputError("The canvas has a context of another kind than 'webgpu'.");
  const format = navigator.gpu.getPreferredCanvasFormat();
  const [colouring, fromTexture, fromVideo] = await Promise.all([
    compilePipeline(device, 'mask colours', maskColours()),
    compileDrawing(device, format, 'texture'),
    'importExternalTexture' in device ? compileDrawing(device, format, 'external') : undefined,
  ]);

  context.configure({ device, format, alphaMode: 'premultiplied' });
  const { UNIFORM, STORAGE, COPY_DST } = GPUBufferUsage;
  const createBuffer = (label: string, data: ArrayBuffer | Float32Array<ArrayBuffer>, usage: number) => {
    const buffer = device.createBuffer({ label, size: Math.ceil(data.byteLength / 16) * 16, usage: usage | COPY_DST });
    device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  };
  const maskSizes = packFields(MASK_COLOURS_FIELDS, { channels, maskWidth: width, maskHeight: height });
  const sizes = createBuffer('mask colours params', maskSizes, UNIFORM);
  const colourBuffer = createBuffer('mask colours', palette, STORAGE);
  const params = createBuffer('overlay params', new ArrayBuffer(4 * Object.keys(FIELDS).length), UNIFORM);
  const coloured = device.createTexture({
    label: 'coloured mask',
    size: { width, height },
    format: 'rgba16float',
    usage: GPUTextureUsage.STORAGE_BINDING | GPUTextureUsage.TEXTURE_BINDING,
  });
  const uploaded = createPictureTexture(device, 'overlay picture');
  const sampler = device.createSampler({ label: 'overlay', minFilter: 'linear', magFilter: 'linear' });
  const view = coloured.createView();
  const groupOf = (buffer: GPUBuffer) =>
    device.createBindGroup({
      label: 'mask colours',
      layout: colouring.getBindGroupLayout(0),
      entries: [
        { binding: BINDINGS.params, resource: { buffer: sizes } },
        { binding: BINDINGS.input, resource: { buffer } },
        { binding: BINDINGS.scale, resource: { buffer: colourBuffer } },
        { binding: BINDINGS.output, resource: view },
      ],
    });
  let bound: { buffer: GPUBuffer; group: GPUBindGroup } | undefined;
  let destroyed = false;

  return {
    draw(picture, { mode = 'overlay', opacity = mode === 'cutout' ? 1 : 0.5, input } = {}) {
      if (destroyed) throw new InputError('The overlay has been destroyed.');
      if (network.device !== device) {
        throw new InputError('The network has another device than when the overlay was made: make another overlay.');
      }
      if (mode !== 'overlay' && mode !== 'cutout') {
        throw new InputError(`The mode is '${mode}'; it is 'overlay' or 'cutout'.`);
      }
      if (!(opacity >= 0 && opacity <= 1)) throw new InputError(`The opacity is ${opacity}; it is from 0 to 1.`);

      // A video's frame expires with the task that imported it: from here to the submit nothing is awaited.
      const video = fromVideo && isVideo(picture) ? picture : undefined;
      const texture = video ? undefined : uploaded.upload(picture);
      network.dispatch({ image: input ?? texture ?? picture });
      const { buffer } = maskOf(network);
      // `restore` gives the network other buffers.
      if (bound?.buffer !== buffer) bound = { buffer, group: groupOf(buffer) };
      const place = placeMask({ ...placementOf(network, input ?? picture), output: canvas });
      const cutout = mode === 'cutout' ? 1 : 0;
      const { width: outputWidth, height: outputHeight } = canvas;
      const block = packFields(FIELDS, { ...place, outputWidth, outputHeight, opacity, cutout });
      device.queue.writeBuffer(params, 0, block);
      const { pipeline, layout } = video && fromVideo ? fromVideo : fromTexture;
      const shown = video ? device.importExternalTexture({ source: video }) : (texture as GPUTexture).createView();
      const group = device.createBindGroup({
        label: 'overlay',
        layout,
        entries: [
          { binding: BINDINGS.params, resource: { buffer: params } },
          { binding: BINDINGS.input, resource: shown },
          { binding: BINDINGS.weights, resource: view },
          { binding: BINDINGS.scale, resource: sampler },
        ],
      });

      const encoder = device.createCommandEncoder({ label: 'overlay' });
      const colourPass = encoder.beginComputePass({ label: 'mask colours' });
      colourPass.setPipeline(colouring);
      colourPass.setBindGroup(0, bound.group);
      colourPass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 4));
      colourPass.end();
      const drawPass = encoder.beginRenderPass({
        label: 'overlay',
        colorAttachments: [{ view: context.getCurrentTexture().createView(), loadOp: 'clear', storeOp: 'store' }],
      });
      drawPass.setPipeline(pipeline);
      drawPass.setBindGroup(0, group);
      drawPass.draw(3);
      drawPass.end();
      device.queue.submit([encoder.finish()]);
    },
    destroy() {
      if (destroyed) return;
      destroyed = true;
      for (const object of [sizes, colourBuffer, params, coloured, uploaded]) object.destroy();
      context.unconfigure();
    },
  };
}

/** A pipeline, and its layout, which each frame's bind group needs. */
async function compileDrawing(device: GPUDevice, format: GPUTextureFormat, source: 'texture' | 'external') {
  const module = device.createShaderModule({ label: 'overlay', code: pictureOverlay({ source }) });
  const pipeline = await device.createRenderPipelineAsync({
    label: 'overlay',
    layout: 'auto',
    vertex: { module },
    fragment: { module, targets: [{ format }] },
  });
  return { pipeline, layout: pipeline.getBindGroupLayout(0) };
}

/** The first of several classes is the background. */
function defaultColours(channels: number): Colour[] {
  const first = channels === 1 ? 0 : 1;
  return Array.from({ length: channels }, (_, channel) =>
    channel < first ? [0, 0, 0, 0] : (OKABE_ITO[(channel - first) % OKABE_ITO.length] as Colour),
  );
}

function premultiplied(colours: readonly Colour[], channels: number): Float32Array<ArrayBuffer> {
  if (colours.length !== channels) {
    throw new InputError(`There are ${colours.length} colours for ${channels} classes.`);
  }
  const isShare = (part: number | undefined) => part !== undefined && part >= 0 && part <= 1;
  const wrong = colours.find((colour) => ![3, 4].includes(colour.length) || !colour.every(isShare));
  if (wrong) throw new InputError(`A colour is [${wrong.join(', ')}]; it is 3 or 4 numbers from 0 to 1.`);
  return Float32Array.from(
    colours.flatMap(([red, green, blue, alpha = 1]) => [red * alpha, green * alpha, blue * alpha, alpha]),
  );
}
