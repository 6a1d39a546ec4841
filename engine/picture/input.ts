import { type ImageToTensorOptions, imageToTensor } from '../../shaders/image-to-tensor.wgsl.ts';
import { foldGrid, type Grid, gridOf, inOrder, textOf } from '../../shaders/kernel.ts';
import { during, InputError } from '../common/errors.ts';
import { describe } from '../common/kinds.ts';
import type { Preprocess } from '../common/picture.ts';
import type { MapShape, ValueShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, uniformBufferOf } from '../run/binding.ts';
import type { Dispatch } from '../run/dispatch.ts';
import type { Picture, PictureInput, ReadPictures } from '../run/inputs.ts';
import { normalization, placePicture } from './preprocess.ts';
import { createPictureReader, isPicture, sourcesOf } from './source.ts';

function channelsOf(name: string, shape: ValueShape): 1 | 3 {
  const [, channels] = shape;
  if (shape.length !== 4) {
    throw new InputError(
      `A picture has height and width, the input '${name}' is [${shape}]: compile without preprocess.`,
    );
  }
  if (channels === 1 || channels === 3) return channels;
  throw new InputError(`A picture has 1 or 3 channels, the input '${name}' ${channels}: compile without preprocess.`);
}

/** What brings a picture of one kind of source into an input. */
interface Reading {
  readonly shader: ImageToTensorOptions;
  readonly workgroups: Grid;
  readonly pipeline: GPUComputePipeline;
}

/**
 * Compiles what brings a picture into an input: from a texture, and from a video's frame where the browser imports those.
 * Resizing, cropping and normalising are one dispatch for each picture.
 */
export async function preparePictures(
  { owned, name, shape, type, target }: PictureInput,
  preprocess: Preprocess,
): Promise<ReadPictures> {
  const channels = channelsOf(name, shape);
  const colours = normalization(preprocess, channels);
  const [batch, , height, width] = shape as MapShape;
  const { interpolation = 'bilinear' } = preprocess;
  const { device } = owned.session;
  const items = Array.from({ length: batch }, (_, item) => ({
    params: uniformBufferOf(owned, `${name} ${item} params`, imageToTensor.fields),
    reader: owned.adopt(createPictureReader(device, `${name} ${item} picture`)),
  }));
  /** What lies in the blocks of the items: a camera's pictures have all the same. */
  const written: string[] = [];
  // Outside of browsers there is none. Of a texture whose sizes are powers of two, Mesa compiles another shader.
  const blank = globalThis.ImageData && new ImageData(3, 3);
  const readings = await Promise.all(
    sourcesOf(device).map(async (source): Promise<Reading> => {
      const shader = { source, channels, interpolation };
      const { workgroups, folded } = foldGrid(gridOf(imageToTensor, shader, sizesOf({ shape })));
      const text = textOf(imageToTensor, type, shader, folded);
      const bind = (pipeline: GPUComputePipeline) => dispatchOf(blank, 0, { shader, workgroups, pipeline }).bindGroup;
      const mayBind = source === 'texture' && blank;
      const pipeline = await owned.pipeline(`${name} from a picture`, text, mayBind ? bind : undefined);
      return { shader, workgroups, pipeline };
    }),
  );

  function dispatchOf(picture: Picture, item: number, reading?: Reading): Dispatch {
    const { params, reader } = items[item] as (typeof items)[number];
    const { texture, resource, fields, ...size } = reader.read(picture);
    const { shader, workgroups, pipeline } = reading ?? (readings[texture ? 0 : 1] as Reading);
    const place = placePicture(preprocess, size, { width, height });
    const outputs = { outputWidth: width, outputHeight: height, outputOffset: item * width * height };
    const block = packFields(imageToTensor.fields, { ...place, ...outputs, ...fields, ...colours });
    const content = `${new Uint32Array(block)}`;
    if (written[item] !== content) device.queue.writeBuffer(params, 0, block);
    written[item] = content;
    const bindGroup = bindGroupOf(device, `${name} ${item}`, pipeline, [
      { buffer: params },
      ...inOrder(imageToTensor, shader, { input: resource, output: target }),
    ]);
    return { pipeline, bindGroup, workgroups };
  }

  return (given) => {
    const isList = Array.isArray(given);
    const pictures: readonly Picture[] = isList ? given : [given];
    const wrong = pictures.findIndex((picture) => !isPicture(picture));
    if (wrong >= 0) {
      const found = `${describe(given)}${isList ? ` with ${describe(pictures[wrong])} at ${wrong}` : ''}`;
      throw new InputError(`The input is ${found}; it should be a Float32Array, GPUBuffer, GPUTexture or picture.`);
    }
    if (pictures.length !== batch) {
      throw new InputError(`There are ${pictures.length} pictures for a batch of ${batch}.`);
    }
    return pictures.map((picture, item) =>
      batch === 1 ? dispatchOf(picture, item) : during(`reading picture ${item}`, () => dispatchOf(picture, item)),
    );
  };
}
