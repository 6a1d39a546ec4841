// Random small networks, the same one for the same seed: for what must hold whatever the graph.
import { type Architecture, architecture, type GraphBuilder, type Pair, type Value } from '../engine/graph.ts';
import { uniform } from './seeded.ts';

/** Random decisions. */
class Dice {
  readonly #numbers: Float64Array;
  #next = 0;

  constructor(seed: string) {
    this.#numbers = uniform(seed, 4096);
  }

  /** An integer from `from` to `to`, both included. */
  roll(from: number, to: number): number {
    const number = this.#numbers[this.#next++ % this.#numbers.length] as number;
    return from + Math.floor(((number + 1) / 2) * (to - from + 1));
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.roll(0, items.length - 1)] as Item;
  }
}

/** A network of `steps` random operations on a small picture, with branches that meet again and one to five outputs. */
export function randomNetwork(seed: number, steps = 12): Architecture {
  return architecture(`random-${seed}`, (g) => {
    const dice = new Dice(`random network ${seed}`);
    const image = g.input('image', [dice.roll(1, 2), dice.roll(1, 9), dice.roll(5, 14), dice.roll(5, 14)]);
    const values = [image];
    for (let step = 0; step < steps; step++) {
      // Mostly the latest one, or no network would be deep.
      const input = dice.roll(0, 2) > 0 ? (values.at(-1) as Value) : dice.pick(values);
      values.push(addNode(g, dice, input, values, `layer.${step}`));
    }
    const last = values.at(-1) as Value;
    g.output('last', last);
    if (dice.roll(0, 3) === 0) g.output('last again', last);
    if (dice.roll(0, 3) === 0) g.output('untouched', image);
    if (dice.roll(0, 2) === 0) {
      const features = g.flatten(dice.pick(values));
      g.output('dense', g.gemm(features, g.tensor('dense.weight', [dice.roll(1, 9), features.shape[1] as number])));
      if (dice.roll(0, 1)) g.output('features', features);
    }
    for (let extra = dice.roll(0, 2); extra > 0; extra--) {
      const value = dice.pick(values.slice(1));
      g.output(`extra ${extra}`, dice.roll(0, 1) ? value : g.sigmoid(value));
    }
  });
}

function addNode(g: GraphBuilder, dice: Dice, input: Value, values: readonly Value[], name: string): Value {
  const [, channels, height, width] = input.shape as [number, number, number, number];
  const conv = (kernel: Pair, outChannels: number, groups = 1, of = input) => {
    const strides: Pair = kernel[0] === 1 ? [1, 1] : [dice.roll(1, 2), dice.roll(1, 2)];
    const half = (size: number) => dice.roll(0, 1) + Math.floor((size - 1) / 2);
    const padding =
      kernel[0] === 1
        ? ([0, 0, 0, 0] as const)
        : ([half(kernel[0]), half(kernel[0]), half(kernel[1]), half(kernel[1])] as const);
    const filter = g.tensor(`${name}.weight`, [outChannels, (of.shape[1] as number) / groups, ...kernel]);
    const bias = dice.roll(0, 1) ? g.tensor(`${name}.bias`, [outChannels]) : undefined;
    return g.conv2d(of, filter, { strides, padding, groups, bias });
  };
  const transpose = (size: Pair, groups: number) => {
    const strides: Pair = [dice.roll(1, 2), dice.roll(1, 3)];
    const half = (taps: number) => dice.roll(0, Math.floor((taps - 1) / 2));
    const padding = [half(size[0]), half(size[0]), half(size[1]), half(size[1])] as const;
    const outputPadding: Pair = [dice.roll(0, strides[0] - 1), dice.roll(0, strides[1] - 1)];
    const filter = g.tensor(`${name}.weight`, [channels, dice.roll(1, 5), ...size]);
    return g.convTranspose2d(input, filter, { strides, padding, outputPadding, groups });
  };
  const resample = () => {
    const sizes: Pair = [dice.roll(1, 2 * height), dice.roll(1, 2 * width)];
    if (dice.roll(0, 1)) return g.resample2d(input, { sizes });
    return g.resample2d(input, {
      sizes,
      mode: 'linear',
      coordinates: dice.pick(['half-pixel', 'align-corners'] as const),
    });
  };
  const norm = (value: Value, part = 'norm') => {
    const vector = (role: string) => g.tensor(`${name}.${part}.${role}`, [value.shape[1] as number]);
    const [scale, bias] = [vector('weight'), vector('bias')];
    return g.batchNormalization(value, vector('running_mean'), vector('running_var'), { scale, bias });
  };
  const act = (value: Value) =>
    dice.pick([
      () => value,
      () => g.relu(value),
      () => g.clamp(value, { minValue: -0.5, maxValue: 0.5 }),
      () => g.hardSwish(value),
      () => g.hardSigmoid(value),
      () => g.sigmoid(value),
    ])();
  // Those that are wide already stay out, or channels would double with each step.
  const narrow = values.filter(({ shape }) => shape[2] === height && shape[3] === width && (shape[1] as number) < 24);
  const beside = narrow.length > 0 ? narrow : [input];
  const cut = () => {
    const [top, left] = [dice.roll(0, height - 1), dice.roll(0, width - 1)];
    const size = [dice.roll(1, height - top), dice.roll(1, width - left)] as const;
    return g.slice(input, [0, 0, top, left], [input.shape[0] as number, channels, ...size]);
  };
  const partners = values.filter((value) => value.shape.join() === input.shape.join());
  const kernel: Pair = [dice.roll(1, Math.min(3, height)), dice.roll(1, Math.min(3, width))];

  return dice.pick([
    () => act(norm(conv([1, 1], dice.roll(1, 11)))),
    () => act(conv([1, 1], dice.roll(1, 11))),
    () => act(norm(conv(kernel, dice.roll(1, 9)))),
    () => act(norm(conv(kernel, channels, channels))),
    () => act(conv(kernel, channels * 2, channels % 2 === 0 ? 2 : 1)),
    () => act(g.add(conv([1, 1], channels), dice.pick(partners))),
    () => act(g.add(dice.pick(partners), input)),
    () => act(g.mul(dice.pick(partners), input)),
    () => conv([1, 1], dice.roll(1, 9), 1, g.mul(input, g.hardSigmoid(g.averagePool2d(input)))),
    () => act(g.mul(input, g.hardSigmoid(g.averagePool2d(input)))),
    () => g.maxPool2d(input, { windowDimensions: kernel, strides: [1, 2], roundingType: 'ceil' }),
    () => g.averagePool2d(input, { windowDimensions: kernel }),
    () => g.averagePool2d(input, { windowDimensions: kernel, padding: [0, 1, 1, 0], countIncludePad: true }),
    () => g.adaptiveAveragePool2d(input, [dice.roll(1, height + 1), dice.roll(1, width + 1)]),
    () => g.concat(Array.from({ length: dice.roll(1, 4) }, () => dice.pick(beside))),
    () => g.concat([dice.pick(beside), act(conv([1, 1], dice.roll(1, 9)))]),
    () => act(norm(conv([1, 1], dice.roll(1, 9), 1, g.relu(norm(input, 'before'))))),
    cut,
    () => conv([1, 1], dice.roll(1, 9), 1, g.pad(input, [0, dice.roll(0, 1), 1, 0])),
    () => act(norm(input)),
    () => g.softmax(input),
    // Maps that could grow without end would make the tests slow.
    ...(height * width < 250
      ? [
          () => act(norm(transpose([dice.roll(1, 4), dice.roll(1, 4)], dice.roll(0, 1) ? channels : 1))),
          () => act(resample()),
        ]
      : []),
  ])();
}
