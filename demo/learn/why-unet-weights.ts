import { type Weights, weightsFrom } from 'linnet';

const FIRST_OF_DECODER = /^decoder\d+\.dec\d+conv1\.weight$/;

/**
 * A U-Net's weights for the same network with `skips: false`. A decoder's first filter [F, 2F, 3, 3] reads the upsampled
 * map and behind it the skip (torch.cat's order), so without its second half the results are those of skips of zeros.
 */
export async function withoutSkips(weights: Weights): Promise<Weights> {
  const tensors = Array.from(weights.shapes, async ([name, shape]) => {
    const data = await weights.read(name);
    if (!FIRST_OF_DECODER.test(name)) return [name, { shape, data }] as const;
    const [filters, channels, height, width] = shape as readonly [number, number, number, number];
    const kept = (channels / 2) * height * width;
    const cut = new Float32Array(filters * kept);
    for (let filter = 0; filter < filters; filter++) {
      cut.set(data.subarray(2 * filter * kept, (2 * filter + 1) * kept), filter * kept);
    }
    return [name, { shape: [filters, channels / 2, height, width], data: cut }] as const;
  });
  return weightsFrom(Object.fromEntries(await Promise.all(tensors)));
}
