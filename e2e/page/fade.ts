import { type Architecture, compile, type Network, type Weights, weightsFrom } from 'linnet';
import { mobileNetV1, mobileNetV3, resNet, uNet } from 'linnet/architectures';
import { type Change, lookInside } from '../../demo/layers/inside.ts';
import { edgesOf, skipsInto } from '../../demo/layers/network-graph.ts';
import { layersOf } from '../../demo/network/layers-of.ts';
import { buildGraph } from '../../engine/architecture.ts';
import { elementsOf } from '../../engine/graph/graph.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';

const NETWORKS = {
  mobileNetV1: mobileNetV1({ alpha: 0.25, classes: 10, inputSize: [64, 96] }),
  mobileNetV3: mobileNetV3({ variant: 'small', classes: 10, inputSize: [64, 64] }),
  resNet: resNet({ depth: 18, classes: 10, inputSize: [64, 64] }),
  uNet: uNet({ inChannels: 3, classes: 1, features: 8, inputSize: [32, 48] }),
};

/** Another filling of a tensor: each element by its place and its value. */
type Refill = Readonly<Record<string, (value: number, place: readonly number[]) => number>>;

/** What is faded, by the layer's name, and the weights with which a network does that by itself. */
interface Fading {
  readonly network: keyof typeof NETWORKS;
  readonly layer: string;
  readonly strength: number;
  readonly kind: Change['kind'];
  readonly channel?: number;
  /** The layer that a skip comes from. */
  readonly from?: string;
  readonly weights: Refill;
}

const zero = () => 0;

const FADINGS: Readonly<Record<string, Fading>> = {
  'a layer is off, as if its normalization gave nothing': {
    network: 'mobileNetV1',
    layer: 'conv_pw_3',
    strength: 0,
    kind: 'layer',
    weights: { 'conv_pw_3_bn.weight': zero, 'conv_pw_3_bn.bias': zero },
  },
  'a layer is faded, as if the next filter were smaller': {
    network: 'mobileNetV1',
    layer: 'conv_pw_3',
    strength: 0.25,
    kind: 'layer',
    weights: { 'conv_dw_4.weight': (value) => value * 0.25 },
  },
  'a channel is off, as if the next filter had zeros for it': {
    network: 'mobileNetV1',
    layer: 'conv_pw_3',
    strength: 0,
    kind: 'channel',
    channel: 5,
    weights: { 'conv_dw_4.weight': (value, [channel]) => (channel === 5 ? 0 : value) },
  },
  'what a layer adds is off, and what it is added to is activated as before': {
    network: 'resNet',
    layer: 'layer2.0.conv2',
    strength: 0,
    kind: 'layer',
    weights: { 'layer2.0.bn2.weight': zero, 'layer2.0.bn2.bias': zero },
  },
  'a skip is faded': {
    network: 'resNet',
    layer: 'layer2.0.conv2',
    strength: 0.5,
    kind: 'skip',
    from: 'layer2.0.downsample.0',
    weights: {
      'layer2.0.downsample.1.weight': (value) => value / 2,
      'layer2.0.downsample.1.bias': (value) => value / 2,
    },
  },
  'without squeeze-excite all factors are 1': {
    network: 'mobileNetV3',
    layer: 'features.4.block.3.0',
    strength: 0,
    kind: 'skip',
    from: 'features.4.block.2.fc2',
    weights: { 'features.4.block.2.fc2.weight': zero, 'features.4.block.2.fc2.bias': () => 10 },
  },
  'a part of a concatenation is off for its reader only': {
    network: 'uNet',
    layer: 'decoder3.dec3conv1',
    strength: 0,
    kind: 'skip',
    from: 'encoder3.enc3conv2',
    weights: { 'decoder3.dec3conv1.weight': (value, [, channel = 0]) => (channel >= 32 ? 0 : value) },
  },
};

/** The cases that `compareFading` takes. */
export const listFadings = async () => Object.keys(FADINGS);

function seededWeights(model: Architecture, refill: Refill = {}): Weights {
  const tensors = buildGraph(model).tensors.map(({ name, shape }) => {
    const data = seededTensor('fade', name, shape);
    const change = refill[name];
    const inner = shape.slice(2).reduce((product, size) => product * size, 1);
    const places = (at: number) => [
      Math.floor(at / (inner * (shape[1] ?? 1))),
      Math.floor(at / inner) % (shape[1] ?? 1),
    ];
    return [name, { shape, data: change ? data.map((value, at) => change(value, places(at))) : data }] as const;
  });
  for (const name of Object.keys(refill)) {
    if (!tensors.some(([known]) => known === name)) throw new Error(`There is no tensor '${name}'.`);
  }
  return weightsFrom(Object.fromEntries(tensors));
}

const imageFor = (network: Network) => Float32Array.from(uniform('fade', elementsOf(network.plan.inputs.image!.shape)));

const open = async (network: Network) => {
  const layers = layersOf(network.plan);
  return { layers, edges: edgesOf(network.plan, layers), inside: await lookInside(network, layers) };
};

const apart = (one: Float32Array, other: Float32Array) =>
  one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);

/** How far a faded network is from one with other weights, and from itself untouched, against its largest result. */
export async function compareFading(device: GPUDevice, { name }: { name: string }) {
  const fading = FADINGS[name]!;
  const model: Architecture = NETWORKS[fading.network];
  const network = await compile(model, { device, weights: seededWeights(model) });
  const other = await compile(model, { device, weights: seededWeights(model, fading.weights) });
  try {
    const image = imageFor(network);
    const { layers, edges, inside } = await open(network);
    const layer = layers.findIndex((each) => each.name === fading.layer);
    const index = (wanted: string | undefined) => layers.findIndex((each) => each.name === wanted);
    const { strength, channel = 0 } = fading;
    const change: Change =
      fading.kind === 'skip'
        ? {
            layer,
            strength,
            kind: 'skip',
            edge: skipsInto(edges, layer).find(({ from }) => from === index(fading.from))!,
          }
        : fading.kind === 'channel'
          ? { layer, strength, kind: 'channel', channel }
          : { layer, strength, kind: 'layer' };
    const untouched = await inside.answer(image, []);
    const faded = await inside.answer(image, [change]);
    const again = await inside.answer(image, []);
    const own = Object.values(await network.run({ image }))[0]!;
    const expected = Object.values(await other.run({ image }))[0]!;
    const largest = own.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return {
      off: apart(faded.scores, expected.data) / largest,
      changed: apart(faded.scores, untouched.scores) / largest,
      untouched: apart(untouched.scores, own.data),
      again: apart(again.scores, untouched.scores),
    };
  } finally {
    network.destroy();
    other.destroy();
  }
}

/**
 * How far the heat map is from the class activation map of its definition (arXiv 1512.04150, equation 2): the last maps, each times
 * its weight for the class. Both are shares of a mean, so the maps are divided by the number of their places.
 */
export async function compareHeat(device: GPUDevice) {
  const model = NETWORKS.mobileNetV1;
  const weights = seededWeights(model);
  const network = await compile(model, { device, weights });
  try {
    const { layers, inside } = await open(network);
    const image = imageFor(network);
    const last = layers.findIndex(({ name }) => name === 'conv_pw_13');
    const [, channels, height, width] = layers[last]!.shape as [number, number, number, number];
    const maps = await inside.maps(image, [], last, { start: 0, count: channels }, () => {});
    const { heat } = await inside.answer(image, []);
    const filter = await weights.read('conv_preds.weight');
    const places = height * width;
    let [off, largest] = [0, 0];
    for (let index = 0; index < 10; index++) {
      for (let place = 0; place < places; place++) {
        let sum = 0;
        for (let channel = 0; channel < channels; channel++) {
          sum += filter[index * channels + channel]! * maps[channel * places + place]!;
        }
        off = Math.max(off, Math.abs(sum / places - heat!.values[index * places + place]!));
        largest = Math.max(largest, Math.abs(sum / places));
      }
    }
    return { size: [heat!.height, heat!.width], off: off / largest };
  } finally {
    network.destroy();
  }
}

/** A layer's previews are a map of its own, and what is read of a layer's maps is what it wrote. */
export async function comparePreviews(device: GPUDevice) {
  const model = NETWORKS.uNet;
  const network = await compile(model, { device, weights: seededWeights(model) });
  try {
    const { layers, inside } = await open(network);
    const image = imageFor(network);
    const { previews, scores } = await inside.answer(image, []);
    const wrong: string[] = [];
    for (const [index, { name, shape }] of layers.entries()) {
      const [, count, height = 1, width = 1] = shape as [number, number, number, number];
      const values = await inside.maps(image, [], index, { start: 0, count }, () => {});
      const { channel = 0, ...preview } = previews[index]!;
      if (preview.width !== Math.min(32, width) || preview.height !== Math.min(32, height)) wrong.push(`${name}: size`);
      const map = values.subarray(channel * height * width, (channel + 1) * height * width);
      // Where it is not made smaller, it is the map.
      if (width <= 32 && height <= 32 && apart(preview.values, map) > 0) wrong.push(`${name}: another map`);
      const spread = (channel: number) => {
        const own = values.subarray(channel * height * width, (channel + 1) * height * width);
        const mean = own.reduce((sum, value) => sum + value, 0) / own.length;
        return own.reduce((sum, value) => sum + (value - mean) ** 2, 0) / own.length;
      };
      const most = Math.max(...Array.from({ length: count }, (_, each) => spread(each)));
      if (spread(channel) < 0.7 * most) wrong.push(`${name}: channel ${channel} varies little`);
      if (index === layers.length - 1 && apart(values, scores) > 0) wrong.push('the result is another one');
    }
    return wrong;
  } finally {
    network.destroy();
  }
}
