import { foldGrid, gridOf, inOrder, textOf } from '../../shaders/kernel.ts';
import { maskToPicture } from '../../shaders/mask-to-picture.wgsl.ts';
import { ArchitectureError, UnsupportedError } from '../common/errors.ts';
import { type Kind, OBJECT, oneOf, optional, POSITIVE_INTEGER } from '../common/kinds.ts';
import { readTable } from '../common/options.ts';
import type { ImageSize } from '../common/picture.ts';
import type { MapShape, Shape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { PlannedInput } from '../plan/plan.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf, uniformBufferOf } from '../run/binding.ts';
import type { NetworkInput, RunInput } from '../run/inputs.ts';
import type { Network } from '../run/network.ts';
import { readOnce } from '../run/readback.ts';
import { sessionOf } from '../run/session.ts';
import { withDecoded } from './decode.ts';
import { type MaskPlacement, placeMask } from './mask.ts';
import { isPicture, pictureSize } from './source.ts';

/**
 * A byte for each pixel, row by row: the number of the likeliest class, the lower one of equals. A network of one class
 * has 0 for the background and 1 for that class, where its probability is above 0.5.
 */
export interface ClassMap extends ImageSize {
  readonly classes: Uint8Array;
}

/** `[classes, height, width]`, row-major, from 0 to 1. */
export interface ProbabilityMap extends ImageSize {
  readonly probabilities: Float32Array;
}

type MapKind = 'classes' | 'probabilities';

export interface SegmentOptions<Output extends MapKind = MapKind> {
  /** `classes` unless given. */
  output?: Output | undefined;
  /** Instead of the picture's own. */
  size?: ImageSize | undefined;
}

const SIZE: Kind<ImageSize> = {
  expected: 'a width and a height, two positive integers',
  accepts: (value): value is ImageSize =>
    OBJECT.accepts(value) && [value.width, value.height].every(POSITIVE_INTEGER.accepts),
};
const SEGMENT_OPTIONS = {
  output: [oneOf('classes', 'probabilities'), 'classes'],
  size: [optional(SIZE), undefined],
} as const;

/** A network that tells for each pixel what it shows. */
export interface Segmenter {
  readonly network: Network;
  /**
   * What a picture shows, at the picture's own size; for a tensor, at that of the network's input. The mask is brought
   * there on the GPU, each pixel as the mean of the four around it. Where the network does not see the picture (beside
   * the crop of the fit `cover`), the class and all probabilities are 0.
   */
  segment(image: RunInput, options?: SegmentOptions<'classes'>): Promise<ClassMap>;
  segment(image: RunInput, options: SegmentOptions<'probabilities'>): Promise<ProbabilityMap>;
}

/** The result of a segmenter's network, on the GPU: float32 `[channels, height, width]`. */
export interface Mask extends ImageSize {
  readonly buffer: GPUBuffer;
  readonly channels: number;
}

/**
 * Makes a segmenter of a compiled network with the input `image` and the output `mask`, [1, classes, height, width].
 * The mask holds probabilities, or the network has another output of that shape besides, `probabilities`.
 * The network stays the caller's, to be destroyed there.
 */
export async function createSegmenter(network: Network): Promise<Segmenter> {
  const { plan, outputs } = network;
  requireMask(plan.name, (outputs.probabilities ?? outputs.mask)?.shape);
  let [device, resampler] = [network.device, createResampler(network.device)];
  await resampler;

  async function segment(given: RunInput, options: SegmentOptions = {}): Promise<ClassMap | ProbabilityMap> {
    const { output, size } = readTable(options, SEGMENT_OPTIONS);
    // A network that was restored has another device.
    if (device !== network.device) [device, resampler] = [network.device, createResampler(network.device)];
    const resample = await resampler;
    return withDecoded({ image: given }, network.preprocess, async ({ image }) => {
      const taken = network.dispatch({ image });
      const placement = placementOf(network, image);
      const map = resample(maskOf(network), { ...placement, output: size ?? placement.picture }, output);
      // A mask that the GPU refused to write is that of the picture before.
      const [result] = await Promise.all([map, taken]);
      return result;
    });
  }
  return { network, segment: segment as Segmenter['segment'] };
}

/** Throws an `ArchitectureError` unless it is [1, classes, height, width], with no more classes than a byte counts. */
export function requireMask(network: string, shape: Shape | undefined): void {
  if (shape?.length === 4 && shape[0] === 1 && (shape[1] as number) <= 256) return;
  throw new ArchitectureError(
    `The output 'mask' of '${network}' is ${shape ? `[${shape.join(', ')}]` : 'missing'}; ` +
      'it should be [1, classes, height, width], with at most 256 classes.',
  );
}

export function maskOf({ outputs }: Network): Mask {
  const { buffer, shape } = (outputs.probabilities ?? outputs.mask) as Network['outputs'][string];
  const [, channels, height, width] = shape as MapShape;
  return { buffer, channels, width, height };
}

/** Where the network's mask of this input lies on the picture. A tensor is taken for the whole picture. */
export function placementOf(network: Network, image: NetworkInput): Omit<MaskPlacement, 'output'> {
  const [, , height, width] = (network.plan.inputs.image as PlannedInput).shape as MapShape;
  const input = { width, height };
  const [picture] = Array.isArray(image) ? image : [image];
  const shown = isPicture(picture)
    ? { preprocess: network.preprocess, picture: pictureSize(picture) }
    : { preprocess: null, picture: input };
  return { ...shown, input, mask: maskOf(network) };
}

/** Compiles what brings masks to another size, and gives the function that does so and reads the result. */
async function createResampler(device: GPUDevice) {
  const session = sessionOf(device);
  // A segmenter has no end: its pipelines stay with the device, for all segmenters there.
  const { pipeline: pipelineOf } = session.own();
  const bind = (
    pipeline: GPUComputePipeline,
    output: MapKind,
    buffers: Record<'params' | 'mask' | 'result', GPUBuffer>,
  ) =>
    bindGroupOf(device, `mask to ${output}`, pipeline, [
      { buffer: buffers.params },
      ...inOrder(maskToPicture, { output }, { mask: { buffer: buffers.mask }, output: { buffer: buffers.result } }),
    ]);
  const temporary = session.own();
  const blank = {
    params: uniformBufferOf(temporary, 'blank params', maskToPicture.fields),
    mask: temporary.buffer('blank mask', 16, GPUBufferUsage.STORAGE),
    result: temporary.buffer('blank result', 16, GPUBufferUsage.STORAGE),
  };
  const compilePart = (output: MapKind) =>
    pipelineOf(`mask to ${output}`, textOf(maskToPicture, 'float32', { output }), (pipeline) =>
      bind(pipeline, output, blank),
    );
  const parts = Promise.all([compilePart('classes'), compilePart('probabilities')]);
  const [classes, probabilities] = await parts.finally(temporary.destroy);
  const pipelines = { classes, probabilities };

  return async (
    { buffer, channels }: Mask,
    placement: MaskPlacement,
    output: MapKind,
  ): Promise<ClassMap | ProbabilityMap> => {
    const place = placeMask(placement);
    const { width, height } = placement.output;
    const bytes = width * height * (output === 'classes' ? 1 : channels * 4);
    const limit = device.limits.maxStorageBufferBindingSize;
    if (bytes > limit) {
      throw new UnsupportedError(
        `The ${output} of ${width} x ${height} pixels take ${bytes} bytes; the device binds at most ${limit} at once.`,
      );
    }

    const [groups, , layers] = gridOf(maskToPicture, { output }, sizesOf({ shape: [1, channels, height, width] }));
    const [columns, rows] = foldGrid([groups, 1, 1]).workgroups;
    const params = packFields(maskToPicture.fields, {
      ...place,
      channels,
      outputWidth: width,
      outputHeight: height,
      threads: columns * maskToPicture.workgroup()[0],
    });
    const { STORAGE, COPY_SRC } = GPUBufferUsage;
    const label = `mask to ${output}`;
    const pipeline = pipelines[output];
    const owned = session.own();
    try {
      const uniform = bufferOf(owned, `${label} params`, params, 'UNIFORM');
      const result = owned.buffer(`${label} result`, bytes, STORAGE | COPY_SRC);
      const bindGroup = bind(pipeline, output, { params: uniform, mask: buffer, result });
      const dispatch = { pipeline, bindGroup, workgroups: [columns, rows, layers] } as const;
      const data = await readOnce(session, label, [dispatch], { buffer: result, offset: 0, size: bytes });
      return output === 'classes'
        ? { width, height, classes: new Uint8Array(data) }
        : { width, height, probabilities: new Float32Array(data) };
    } finally {
      owned.destroy();
    }
  };
}
