import { IMAGE_TO_TENSOR_FIELDS as FIELDS, imageToTensor } from '../../shaders/image-to-tensor.wgsl.ts';
import { foldGrid } from '../../shaders/interface.ts';
import { during, InputError } from '../common/errors.ts';
import { describe } from '../common/kinds.ts';
import type { Preprocess } from '../common/picture.ts';
import type { Shape } from '../graph/graph.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf, bufferOf } from '../run/binding.ts';
import type { Dispatch } from '../run/dispatch.ts';
import type { Picture, PictureInput, ReadPictures } from '../run/inputs.ts';
import { normalization, placePicture } from './preprocess.ts';
import { createPictureReader, isPicture, sourcesOf } from './source.ts';

function channelsOf(name: string, [, channels]: Shape): 1 | 3 {
  if (channels === 1 || channels === 3) return channels;
  throw new InputError(`A picture has 1 or 3 channels, the input '${name}' ${channels}: compile without preprocess.`);
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
  const [batch, , height, width] = shape as readonly [number, number, number, number];
  const { interpolation = 'bilinear' } = preprocess;
  const { device } = owned.session;
  const { folded: grid, workgroups } = foldGrid([Math.ceil(width / 8), Math.ceil(height / 4), 1]);
  const items = Array.from({ length: batch }, (_, item) => ({
    params: bufferOf(owned, `${name} ${item} params`, new ArrayBuffer(4 * Object.keys(FIELDS).length), 'UNIFORM'),
    reader: owned.adopt(createPictureReader(device, `${name} ${item} picture`)),
  }));
  const pipelines = await Promise.all(
    sourcesOf(device).map((source) =>
      owned.pipeline(`${name} from a picture`, imageToTensor({ type, grid, source, channels, interpolation })),
    ),
  );

  function dispatchOf(picture: Picture, item: number): Dispatch {
    const { params, reader } = items[item] as (typeof items)[number];
    const { texture, resource, fields, ...size } = reader.read(picture);
    const pipeline = pipelines[texture ? 0 : 1] as GPUComputePipeline;
    const place = placePicture(preprocess, size, { width, height });
    const outputs = { outputWidth: width, outputHeight: height, outputOffset: item * width * height };
    const block = packFields(FIELDS, { ...place, ...outputs, ...fields, ...colours });
    device.queue.writeBuffer(params, 0, block);
    const bindGroup = bindGroupOf(device, `${name} ${item}`, pipeline, {
      params: { buffer: params },
      input: resource,
      output: target,
    });
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
