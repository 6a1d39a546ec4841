// Random small networks, the same one for the same seed: for what must hold whatever the graph. Every operand of every
// operation may be a part of another value, a leaf of a concatenation, an input, read by others, or an output too.
import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';
import type { Conv2dOptions, PaddingOption, PairOption, Pool2dOptions } from '../engine/graph/builder.ts';
import type { Padding, Pair, Shape, Tensor, Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
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

  /** True once in so many times. */
  once(times: number): boolean {
    return this.roll(1, times) === 1;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.roll(0, items.length - 1)] as Item;
  }

  shuffle<Item>(items: readonly Item[]): Item[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.roll(0, rest.length - 1), 1)[0] as Item);
  }
}

/** A network of so many random steps on small maps, with branches that meet again, one to four inputs, and some outputs. */
export function randomNetwork(seed: number, steps = 12): Architecture {
  return architecture(`random-${seed}`, (g) => new RandomNetwork(g, new Dice(`random network ${seed}`)).build(steps));
}

type Quad = [number, number, number, number];

const sizesOf = (value: Value) => value.shape as Quad;
const pixelsOf = ({ shape }: Value) => (shape[2] as number) * (shape[3] as number);

/** Enough to fill slices of four, and not to. */
const CHANNELS = [4, 4, 4, 8, 8, 8, 12, 1, 3, 5, 6];
/** What is wider is not concatenated, or channels would double with each step. */
const WIDE = 24;
/** Maps that could grow without end would make the tests slow. */
const LARGE = 200;

class RandomNetwork {
  readonly #g: GraphBuilder;
  readonly #dice: Dice;
  readonly #maps: Value[] = [];
  readonly #vectors: Value[] = [];
  readonly #read = new Set<Value>();
  readonly #lists: Value[][] = [];
  #inputs = 0;
  #outputs = 0;
  #names = 0;

  constructor(g: GraphBuilder, dice: Dice) {
    this.#g = g;
    this.#dice = dice;
  }

  build(steps: number): void {
    const dice = this.#dice;
    this.#input([dice.roll(1, 3), dice.pick(CHANNELS), dice.roll(2, 11), dice.roll(2, 11)]);
    for (let step = 0; step < steps; step++) {
      // Mostly the latest one, or no network would be deep.
      const input = dice.once(3) ? dice.pick(this.#maps) : (this.#maps.at(-1) as Value);
      this.#maps.push(this.#step(input));
    }
    this.#output(this.#maps.at(-1) as Value);
    // What nobody has read would be left out: some of it side by side, the rest by itself.
    const beside = new Map<string, Value[]>();
    for (const value of this.#maps.filter((value) => !this.#read.has(value))) {
      const size = value.shape.slice(2).join();
      if (dice.once(3)) beside.set(size, [...(beside.get(size) ?? []), value]);
      else if (!dice.once(4)) this.#output(value);
    }
    for (const values of beside.values()) this.#output(this.#g.concat(values));
    for (const value of this.#vectors) if (!this.#read.has(value)) this.#output(value);
    for (const value of [...this.#maps, ...this.#vectors]) if (dice.once(20)) this.#output(value);
  }

  /** The result of an operation with `input`; what it makes besides joins the others. */
  #step(input: Value): Value {
    const [batch, channels, height, width] = sizesOf(input);
    const dice = this.#dice;
    const g = this.#g;
    this.#read.add(input);
    const bounded = (value: Value) => (dice.once(2) ? g.clamp(value, { minValue: -4, maxValue: 4 }) : this.#act(value));
    const gated = () => {
      const operand = this.#operand([batch, channels, 1, 1]);
      const gate = dice.once(2) ? operand : this.#act(operand);
      return dice.once(2) ? g.mul(input, gate) : g.mul(gate, input);
    };
    const size = pixelsOf(input);
    return dice.pick([
      () => this.#act(this.#norm(this.#conv(input, dice.pick(CHANNELS)))),
      () => this.#act(this.#conv(input, dice.pick(CHANNELS))),
      () => this.#act(this.#norm(this.#anyConv(input))),
      () => this.#act(this.#anyConv(input)),
      () => this.#act(this.#norm(this.#anyConv(input, 'depthwise'))),
      () => this.#act(this.#addTo(this.#norm(this.#conv(input, dice.pick(CHANNELS))))),
      () => this.#act(this.#addTo(this.#anyConv(input))),
      () => this.#act(this.#residual(input)),
      () => this.#act(this.#residual(input)),
      () => this.#act(this.#addTo(input)),
      () => bounded(g.mul(...this.#pairWith(input))),
      () => this.#act(this.#conv(gated(), dice.pick(CHANNELS))),
      () => this.#act(this.#addTo(this.#conv(gated(), channels))),
      () => bounded(gated()),
      () => this.#act(g.add(this.#operand([batch, channels, 1, 1]), input)),
      () => this.#act(this.#conv(g.relu(this.#norm(input)), dice.pick(CHANNELS))),
      () => this.#act(this.#addTo(this.#conv(g.relu(this.#norm(input)), channels))),
      () => this.#act(this.#norm(input)),
      () => this.#act(input),
      () => this.#pool(input),
      () => g.averagePool2d(input),
      () => g.maxPool2d(input),
      () => {
        const [rows, columns] = [dice.roll(1, height + 1), dice.pick([1, width + 1])];
        // Not to the size that it has, which is the same object to the engine and another one to the oracle.
        return g.adaptiveAveragePool2d(input, [rows, rows === height && columns === width ? width + 1 : columns]);
      },
      () => this.#concat(input),
      () => this.#concat(input),
      () => this.#concat(this.#act(this.#conv(input, dice.pick(CHANNELS)))),
      () => this.#act(this.#siblings(input, dice.pick(CHANNELS))),
      () => {
        const [top, left] = [dice.roll(0, height - 1), dice.roll(0, width - 1)];
        const sizes = [batch, channels, dice.roll(1, height - top), dice.roll(1, width - left)];
        return g.slice(input, [0, 0, top, left], sizes);
      },
      () => {
        const padded = g.pad(input, dice.once(2) ? 1 : [0, dice.roll(0, 1), 1, 0]);
        const result = dice.once(2) ? this.#anyConv(padded) : this.#conv(padded, dice.pick(CHANNELS));
        if (dice.once(2)) this.#maps.push(dice.once(2) ? padded : this.#conv(padded, dice.pick(CHANNELS)));
        return this.#act(result);
      },
      () => this.#act(this.#reduced(input)),
      () => this.#act(this.#reduced(this.#conv(input, dice.pick(CHANNELS)))),
      () => this.#normalized(input),
      () => this.#rows(input),
      () => this.#product(input),
      () => this.#concat(g.pad(input, [0, 0, 1, 0], [0, 0, 0, 1], { mode: 'edge' })),
      () => this.#concat(this.#index(dice.once(2) ? input : this.#operand(input.shape))),
      () => bounded(this.#broadcast(input)),
      () => bounded(this.#broadcast(this.#conv(input, dice.pick(CHANNELS)))),
      () => {
        const padded = this.#padAny(input);
        return dice.once(2) ? padded : g.concat([padded, this.#act(this.#conv(padded, dice.pick(CHANNELS)))]);
      },
      () => this.#act(this.#view(input)),
      () => this.#act(this.#view(this.#view(input))),
      () => this.#parts(this.#conv(input, dice.pick([8, 12, 14]))),
      () => this.#act(this.#conv(this.#view(this.#act(this.#view(input))), dice.pick(CHANNELS))),
      () => g.softmax(input),
      () => this.#dense(input),
      () => this.#vector(input),
      ...(size < LARGE
        ? [
            () => this.#act(this.#norm(this.#transpose(input))),
            () => this.#act(this.#addTo(this.#transpose(input))),
            () => this.#act(this.#resample(input)),
          ]
        : []),
    ])();
  }

  /** A value of this shape: one that is there already, or a new one, which may lie anywhere. */
  #operand(shape: Shape): Value {
    const dice = this.#dice;
    const [batch, channels, height, width] = shape as Quad;
    const known = this.#maps.filter((value) => value.shape.join() === shape.join());
    const isSource = ({ shape: [, , rows, columns] }: Value) => rows === height && columns === width;
    const source = () => {
      const sources = this.#maps.filter(isSource);
      if (sources.length > 0 && (pixelsOf(sources[0] as Value) > 1 || dice.once(2))) return this.#use(sources);
      if (height === 1 && width === 1) return this.#g.averagePool2d(this.#use(this.#maps));
      return this.#input([batch, dice.pick(CHANNELS), height, width]);
    };
    const made = dice.pick([
      ...(known.length > 0 ? Array(3).fill(() => this.#use(known)) : []),
      ...Array(3).fill(() => this.#siblings(source(), channels)),
      ...Array(2).fill(() => {
        const value = this.#act(this.#conv(source(), channels));
        this.#maps.push(value, this.#concat(value));
        return value;
      }),
      () => this.#conv(source(), channels),
      ...(this.#inputs < 4 ? [() => this.#input(shape)] : []),
    ])();
    if (dice.once(8)) this.#output(made);
    return made;
  }

  /** Along some axes, which are left as 1; as a map, which a row of a vector is not. */
  #reduced(input: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const axes = [0, 1, 2, 3].filter((axis) => (axis > 0 ? dice.once(2) : dice.once(6)));
    const options = { axes, keepDimensions: true };
    const near = g.linear(g.clamp(input, { minValue: -1, maxValue: 1 }), { alpha: 1 / 64, beta: 1 });
    const [axis] = [...axes, 1];
    const result = dice.pick<() => Value>([
      () => g.reduceMean(input, options),
      () => g.reduceMax(input, options),
      () => g.reduceMin(input, options),
      () => g.tanh(g.linear(g.reduceSum(input, options), { alpha: 1 / 64 })),
      () => g.tanh(g.linear(g.reduceL1(input, options), { alpha: 1 / 64 })),
      () => g.tanh(g.linear(g.reduceL2(input, options), { alpha: 1 / 8 })),
      () => g.tanh(g.linear(g.reduceSumSquare(input, options), { alpha: 1 / 64 })),
      () => g.tanh(g.linear(g.reduceProduct(near, options), { alpha: 1 / 64 })),
      () => g.reduceLogSum(near, options),
      () => g.reduceLogSumExp(input, options),
      () => this.#index(input, axis),
    ])();
    // Along axes of size 1 it may be the same object to the engine, and another one to the oracle.
    const isNew = result.shape.join() !== input.shape.join() && result.shape[0] === input.shape[0];
    if (isNew && dice.once(2)) this.#maps.push(result);
    return g.clamp(g.mul(input, result), { minValue: -4, maxValue: 4 });
  }

  #index(input: Value, axis = this.#dice.roll(1, 3)): Value {
    return this.#g[this.#dice.pick(['argMax', 'argMin'] as const)](input, axis, { keepDimensions: true });
  }

  /** Of matrices that are parts of others, and is one itself. */
  #product(input: Value): Value {
    const g = this.#g;
    const [left, right] = [this.#flat(input), this.#flat(input)];
    const product = g.matmul(left, g.matmul(g.transpose(g.tanh(left)), right));
    return this.#concat(g.reshape(product, [...product.shape, 1, 1]));
  }

  #normalized(input: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const channels = input.shape[1];
    const name = this.#name();
    const vector = (role: string) => (dice.once(3) ? undefined : g.tensor(`${name}.${role}`, [channels]));
    const given = () => ({ scale: vector('weight'), bias: vector('bias'), epsilon: 0.1 });
    return dice.pick([
      () => g.instanceNormalization(input, given()),
      () => g.layerNormalization(input, { ...given(), axes: [1] }),
      () => g.layerNormalization(input, { axes: [1, 2, 3], epsilon: 0.1 }),
      () => g.localResponseNormalization(input, { size: dice.roll(1, 6), alpha: 0.5, beta: 0.75, bias: 2 }),
      () => g.softmax(input, dice.pick([0, 2, 3])),
    ])();
  }

  /** Products of matrices, of the channels of pixels. */
  #rows(input: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const [batch, channels, height, width] = sizesOf(input);
    const rows = g.reshape(g.transpose(g.tanh(input), { permutation: [0, 2, 3, 1] }), [
      batch * height * width,
      channels,
    ]);
    const name = this.#name();
    const outChannels = dice.pick(CHANNELS);
    const result = dice.once(2)
      ? g.matmul(rows, g.tensor(`${name}.matrix`, [channels, outChannels]))
      : g.matmul(g.matmul(rows, g.transpose(rows)), rows);
    const map = g.reshape(result, [batch, height, width, result.shape[1]]);
    return this.#act(g.tanh(g.transpose(map, { permutation: [0, 3, 1, 2] })));
  }

  /** With another value, or a tensor, whose sizes are those of `value`, or some of them 1. */
  #broadcast(value: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const shape = value.shape.map((size) => (dice.once(2) ? 1 : size));
    const [batch, channels] = value.shape;
    const positive = (operand: Value) => g.clamp(operand, { minValue: 0.5, maxValue: 4 });
    const name = this.#name();
    const number = () => g.constant(`${name}.number`, [dice.pick([-2, 0.5, 3])], [1, 1, 1, 1]);
    const tensor = () => g.tensor(`${name}.operand`, [1, ...shape.slice(1)]);
    const map = () => this.#operand([batch, ...shape.slice(1)]);
    const vector = () => g.tensor(`${name}.operand`, [1, channels, 1, 1]);
    const operand = dice.pick<() => Value | Tensor>([tensor, vector, number, map, map])();
    const plain = () => {
      const method = dice.pick(['add', 'sub', 'mul', 'min', 'max'] as const);
      return dice.once(2) ? g[method](value, operand) : g[method](operand, value);
    };
    return dice.pick<() => Value>([
      plain,
      plain,
      () => g.prelu(value, operand),
      () => g.div(operand, positive(value)),
      () => g.pow(positive(value), operand),
    ])();
  }

  #use(values: readonly Value[]): Value {
    const value = this.#dice.pick(values);
    this.#read.add(value);
    return value;
  }

  #input(shape: Shape): Value {
    const value = this.#g.input(`input ${++this.#inputs}`, shape);
    this.#maps.push(value);
    return value;
  }

  #output(value: Value): void {
    this.#g.output(`output ${++this.#outputs}`, value);
  }

  #addTo(value: Value): Value {
    return this.#g.add(...this.#pairWith(value));
  }

  /** `value` and another one of its shape, in either order. */
  #pairWith(value: Value): [Value, Value] {
    return this.#dice.shuffle([value, this.#dice.once(8) ? value : this.#operand(value.shape)]) as [Value, Value];
  }

  /** A convolution, transposed or not, that keeps the map's size, and what is added to it, which is there before. */
  #residual(input: Value): Value {
    const dice = this.#dice;
    const name = this.#name();
    const channels = sizesOf(input)[1];
    const outChannels = dice.pick(CHANNELS);
    const [batch, , ...size] = sizesOf(input);
    const other = this.#operand([batch, outChannels, ...size]);
    const kernel = dice.pick([1, 3]);
    const options = { padding: (kernel - 1) / 2 };
    const tensor = (shape: Shape) => this.#g.tensor(`${name}.weight`, [...shape, kernel, kernel]);
    const result = dice.once(3)
      ? this.#g.convTranspose2d(input, tensor([channels, outChannels]), options)
      : this.#g.conv2d(input, tensor([outChannels, channels]), options);
    return this.#g.add(...(dice.shuffle([dice.once(2) ? this.#norm(result) : result, other]) as [Value, Value]));
  }

  /** 1x1 convolutions of one input that differ in nothing but their filters; one of them, which has so many channels. */
  #siblings(input: Value, channels: number): Value {
    const dice = this.#dice;
    const others = Array.from({ length: dice.roll(1, 2) }, () => dice.pick([4, 8, 4, 8, 5]));
    const [hasBias, hasNorm, activation] = [dice.once(2), dice.once(3), this.#activation()];
    let made = input;
    for (const [index, outChannels] of dice.shuffle([...[channels, ...others].entries()])) {
      const conv = this.#conv(input, outChannels, { hasBias });
      const value = activation(hasNorm ? this.#norm(conv, false) : conv);
      if (index === 0) made = value;
      else this.#maps.push(value);
    }
    return made;
  }

  /** A concatenation with `value` in it, maybe of all that an earlier one has, or of a part of that. */
  #concat(value: Value): Value {
    const dice = this.#dice;
    const [, , height, width] = value.shape;
    const fits = ({ shape: [, channels, rows, columns] }: Value) =>
      rows === height && columns === width && (channels as number) < WIDE;
    const beside = this.#maps.filter(fits);
    const lists = this.#lists.filter(([first]) => first && fits(first));
    const list = lists.length > 0 && dice.once(2) ? dice.pick(lists) : [];
    const from = dice.once(3) ? dice.roll(0, list.length) : 0;
    const others = beside.length > 0 ? Array.from({ length: dice.roll(0, 2) }, () => this.#use(beside)) : [];
    const values = [...list.slice(from), value, ...others];
    const all = dice.once(3) ? dice.shuffle(values) : values;
    const total = all.reduce((sum, { shape }) => sum + shape[1], 0);
    if (total < 2 * WIDE) this.#lists.push(all);
    return this.#g.concat(total < 2 * WIDE ? all : [value]);
  }

  /** 1x1, which may have a bias. */
  #conv(input: Value, outChannels: number, { hasBias = this.#dice.once(2) } = {}): Value {
    const name = this.#name();
    const filter = this.#g.tensor(`${name}.weight`, [outChannels, sizesOf(input)[1], 1, 1]);
    return this.#g.conv2d(input, filter, { bias: hasBias ? this.#bias(name, outChannels) : undefined });
  }

  #bias(name: string, channels: number) {
    if (this.#dice.once(4)) return this.#g.constant(`${name}.constant`, [...uniform(name, channels)]);
    return this.#g.tensor(`${name}.bias`, [channels]);
  }

  /** Of any window, with groups or without. */
  #anyConv(input: Value, kind: 'any' | 'depthwise' = 'any'): Value {
    const dice = this.#dice;
    const name = this.#name();
    const [, channels, height, width] = sizesOf(input);
    const divisors = [1, 2, 3, 4, channels].filter((groups) => channels % groups === 0);
    const groups = kind === 'depthwise' ? channels : dice.pick(divisors);
    const outChannels = kind === 'depthwise' ? channels : groups * dice.roll(1, Math.max(1, Math.floor(9 / groups)));
    const { kernel, ...window } = this.#window([height, width]);
    const filter = this.#g.tensor(`${name}.weight`, [outChannels, channels / groups, ...kernel]);
    const bias = dice.once(2) ? this.#bias(name, outChannels) : undefined;
    return this.#g.conv2d(input, filter, { ...window, groups, bias });
  }

  #transpose(input: Value): Value {
    const dice = this.#dice;
    const name = this.#name();
    const [, channels] = sizesOf(input);
    const kernel: Pair = [dice.roll(1, 4), dice.roll(1, 4)];
    const strides: Pair = [dice.roll(1, 2), dice.roll(1, 3)];
    const dilations: Pair = dice.once(3) ? [dice.roll(1, 3), dice.roll(1, 3)] : [1, 1];
    const half = (taps: number) => dice.roll(0, Math.floor((taps - 1) / 2));
    const padding: Padding = [half(kernel[0]), half(kernel[0]), half(kernel[1]), half(kernel[1])];
    const outputPadding = [0, 1].map((axis) =>
      dice.roll(0, Math.max(strides[axis] as number, dilations[axis] as number) - 1),
    ) as unknown as Pair;
    const groups = dice.once(3) ? channels : 1;
    const groupOutputs = dice.roll(1, groups > 1 ? 2 : 6);
    const filter = this.#g.tensor(`${name}.weight`, [channels, groupOutputs, ...kernel]);
    const bias = dice.once(2) ? this.#bias(name, groups * groupOutputs) : undefined;
    return this.#g.convTranspose2d(input, filter, { strides, padding, dilations, outputPadding, groups, bias });
  }

  /** A window that fits into the map. */
  #window([height, width]: Pair): Required<Pick<Conv2dOptions, 'strides' | 'padding' | 'dilations'>> & {
    kernel: Pair;
  } {
    const dice = this.#dice;
    const axes = [height, width].map((size) => {
      const padding = [dice.roll(0, 2), dice.roll(0, 2)] as const;
      const room = size + padding[0] + padding[1];
      const kernel = dice.roll(1, Math.min(4, room));
      const dilation = dice.once(3) && 2 * (kernel - 1) < room ? 2 : 1;
      return { padding, kernel, dilation, stride: dice.once(2) ? 1 : dice.roll(1, 3) };
    });
    const [y, x] = axes as [(typeof axes)[0], (typeof axes)[0]];
    return {
      kernel: [y.kernel, x.kernel],
      strides: this.#pair(y.stride, x.stride),
      padding: this.#padding([...y.padding, ...x.padding]),
      dilations: this.#pair(y.dilation, x.dilation),
    };
  }

  /** One number where two are equal, now and then. */
  #pair(a: number, b: number): PairOption {
    return a === b && this.#dice.once(2) ? a : [a, b];
  }

  #padding(sides: Padding): PaddingOption {
    return new Set(sides).size === 1 && this.#dice.once(2) ? sides[0] : sides;
  }

  #pool(input: Value): Value {
    const dice = this.#dice;
    const axes = sizesOf(input)
      .slice(2)
      .map((size) => {
        const window = dice.roll(1, Math.min(4, size));
        const dilation = size > 1 && dice.once(3) && 2 * (window - 1) < size ? 2 : 1;
        const half = Math.floor(((window - 1) * dilation + 1) / 2);
        return {
          window,
          dilation,
          stride: dice.roll(1, 3),
          padding: [dice.roll(0, half), dice.roll(0, half)] as const,
        };
      });
    const [y, x] = axes as [(typeof axes)[0], (typeof axes)[0]];
    const options: Pool2dOptions = {
      windowDimensions: this.#pair(y.window, x.window),
      strides: this.#pair(y.stride, x.stride),
      padding: this.#padding([...y.padding, ...x.padding]),
      dilations: this.#pair(y.dilation, x.dilation),
      roundingType: dice.pick(['floor', 'ceil']),
    };
    if (dice.once(2)) return this.#g.maxPool2d(input, options);
    if (dice.once(3)) return this.#g.clamp(this.#g.l2Pool2d(input, options), { maxValue: 4 });
    return this.#g.averagePool2d(input, { ...options, countIncludePad: dice.once(2) });
  }

  #resample(input: Value): Value {
    const dice = this.#dice;
    const [, , height, width] = sizesOf(input);
    const scale = (size: number) => dice.pick([0.5, 1, 1.05, 1.5, 2, 2.1, 2.7].filter((factor) => factor * size >= 1));
    const target = dice.once(2)
      ? { sizes: this.#pair(dice.roll(1, 2 * height), dice.roll(1, 2 * width)) }
      : { scales: this.#pair(scale(height), scale(width)) };
    if (dice.once(2)) return this.#g.resample2d(input, target);
    if (dice.once(3)) {
      const rounding = dice.pick(['ceil', 'round-prefer-floor', 'round-prefer-ceil'] as const);
      return this.#g.resample2d(input, { ...target, rounding });
    }
    if (dice.once(3)) return this.#g.resample2d(input, { ...target, mode: 'cubic', excludeOutside: dice.once(2) });
    return this.#g.resample2d(input, {
      ...target,
      mode: 'linear',
      coordinates: dice.pick(['half-pixel', 'align-corners', undefined]),
    });
  }

  /** Something of the first channels, and of the rest, and maybe of both or of the input. */
  #parts(input: Value): Value {
    const dice = this.#dice;
    const channels = sizesOf(input)[1];
    const [first, rest] = this.#g.split(input, [4, channels - 4], { axis: 1 }) as [Value, Value];
    if (channels === 8 && dice.once(2)) {
      const beside = this.#g.concat(dice.once(2) ? [first, rest] : [rest, rest, first], dice.roll(2, 3));
      return this.#g.concat([beside, this.#act(this.#conv(beside, dice.pick(CHANNELS)))]);
    }
    if (dice.once(2))
      this.#maps.push(dice.pick([input, first, this.#act(first), this.#view(first), this.#resample(first)]));
    const made = this.#act(dice.once(2) ? this.#anyConv(rest, 'depthwise') : this.#conv(rest, dice.pick(CHANNELS)));
    const size = (value: Value) => value.shape.slice(2).join();
    if (size(made) !== size(first) || dice.once(2)) return made;
    return this.#g.concat(dice.shuffle([made, first, ...(dice.once(2) ? [rest] : [])]));
  }

  #padAny(input: Value): Value {
    const dice = this.#dice;
    const [, , height, width] = sizesOf(input);
    const sides = [0, 1].map(() => [0, 0, dice.roll(0, height - 1), dice.roll(0, 1)]) as [number[], number[]];
    const mode = dice.pick(['constant', 'edge', ...(width > 1 ? ['reflection' as const] : [])] as const);
    return this.#g.pad(input, ...sides, { mode, value: dice.pick([0, 2, undefined]) });
  }

  /** Elements of a map in another order, of as many items and at most about as many elements. */
  #view(input: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const [batch, channels, height, width] = sizesOf(input);
    const dividing = (number: number) => [1, 2, 3, 4].filter((divisor) => number % divisor === 0);
    const block = dice.pick(dividing(height).filter((size) => width % size === 0));
    const isWide = channels * block ** 2 > WIDE;
    const [rows, columns] = [dice.pick(dividing(height)), dice.pick(dividing(width))];
    const axis = dice.roll(1, 3);
    const size = input.shape[axis] as number;
    const first = size > 4 && dice.once(2) ? 4 * dice.roll(1, Math.floor((size - 1) / 4)) : dice.roll(1, size);
    const shuffled = (groups: number) => {
      const apart = g.reshape(input, [batch, groups, channels / groups, height, width]);
      return g.reshape(g.transpose(apart, { permutation: [0, 2, 1, 3, 4] }), input.shape);
    };
    const parts = () => g.split(input, first < size ? [first, size - first] : 1, { axis });
    return dice.pick([
      () =>
        g.transpose(input, {
          permutation: dice.pick([
            [0, 1, 3, 2],
            [0, 3, 2, 1],
            [0, 2, 3, 1],
            [0, 3, 1, 2],
          ]),
        }),
      () => g.reshape(input, [batch, channels, height / rows, rows * width]),
      () => g.reshape(input, [batch, channels * rows, height / rows, width]),
      () => g.reverse(input, { axes: dice.pick([[1], [2], [3], [0, 2], [0, 1, 2, 3]]) }),
      () => shuffled(dice.pick(dividing(channels))),
      () => {
        const made = parts();
        const other = made.at(-1) as Value;
        if (dice.once(2)) this.#maps.push(made[0] as Value);
        return dice.once(2) ? g.concat(dice.once(2) ? made : made.toReversed(), axis) : other;
      },
      () => {
        const starts = input.shape.map((count, at) => (at === 0 ? 0 : dice.roll(0, count - 1)));
        const sizes = input.shape.map((count, at) => count - (starts[at] as number));
        return g.slice(input, starts, sizes, { strides: sizes.map((_, at) => (at === 0 ? 1 : dice.roll(1, 2))) });
      },
      () => (isWide ? input : g.spaceToDepth(input, block)),
      () => {
        const blocks = [1, 2].filter((side) => channels % side ** 2 === 0);
        return g.depthToSpace(input, dice.pick(blocks), { mode: dice.pick(['DCR', 'CRD', undefined]) });
      },
      () => (channels > WIDE / 2 ? input : g.tile(input, [1, 2, 1, 1])),
      () => g.expand(g.maxPool2d(input), [batch, channels, rows, columns]),
    ])();
  }

  #norm(value: Value, mayDiffer = true): Value {
    const dice = this.#dice;
    const name = this.#name();
    const channels = sizesOf(value)[1];
    const tensor = (role: string) => this.#g.tensor(`${name}.${role}`, [channels]);
    return this.#g.batchNormalization(value, tensor('running_mean'), tensor('running_var'), {
      scale: mayDiffer && dice.once(6) ? undefined : tensor('weight'),
      bias: mayDiffer && dice.once(6) ? undefined : this.#bias(name, channels),
      epsilon: mayDiffer ? dice.pick([undefined, 1e-3]) : undefined,
    });
  }

  #activation(): (value: Value) => Value {
    const g = this.#g;
    return this.#dice.pick<(value: Value) => Value>([
      (value) => value,
      (value) => value,
      (value) => g.relu(value),
      (value) => g.clamp(value, { minValue: -0.5, maxValue: 0.5 }),
      (value) => g.hardSwish(value),
      (value) => g.hardSigmoid(value, { alpha: 1 / 6, beta: 0.5 }),
      (value) => g.sigmoid(value),
      (value) => g.leakyRelu(value, { alpha: 0.25 }),
      this.#function(),
    ]);
  }

  /** Of those whose results are no larger than what they are given. */
  #function(): (value: Value) => Value {
    const g = this.#g;
    const names = ['abs', 'neg', 'sin', 'cos', 'erf', 'tanh', 'softplus', 'softsign', 'gelu', 'silu', 'elu'] as const;
    const steps = ['floor', 'ceil', 'roundEven', 'sign', 'identity', 'hardSigmoid'] as const;
    const name = this.#dice.pick([
      ...names,
      ...steps,
      'cast',
      'tan',
      'linear',
      'exp',
      'log',
      'sqrt',
      'reciprocal',
    ] as const);
    return (value) => {
      if (name === 'cast') return g.cast(value, 'float16');
      if (name === 'tan') return g.tan(g.clamp(value, { minValue: -1, maxValue: 1 }));
      if (name === 'linear') return g.linear(value, { alpha: 0.5, beta: -0.25 });
      if (name === 'exp') return g.exp(g.clamp(value, { maxValue: 1 }));
      if (name === 'log' || name === 'sqrt' || name === 'reciprocal') return g[name](g.clamp(value, { minValue: 0.5 }));
      return g[name](value);
    };
  }

  #act(value: Value): Value {
    return this.#activation()(value);
  }

  /** A dense layer on a flattened map, as a map of one pixel's neighbour: `input` goes on. */
  #dense(input: Value): Value {
    const features = this.#dice.once(2) ? this.#g.flatten(input) : this.#flat(input);
    this.#vectors.push(this.#act(this.#gemm(features)));
    return this.#act(input);
  }

  #flat(input: Value): Value {
    const pooled = this.#g.averagePool2d(input);
    const value = this.#dice.once(2) ? pooled : this.#siblings(pooled, this.#dice.pick(CHANNELS));
    return this.#g.flatten(value);
  }

  #gemm(features: Value): Value {
    const name = this.#name();
    const outFeatures = this.#dice.pick(CHANNELS);
    const filter = this.#g.tensor(`${name}.weight`, [outFeatures, features.shape[1]]);
    return this.#g.gemm(features, filter, this.#dice.once(2) ? { bias: this.#bias(name, outFeatures) } : {});
  }

  /** Something of vectors; `input` goes on. */
  #vector(input: Value): Value {
    const dice = this.#dice;
    const g = this.#g;
    const vector = this.#vectors.length > 0 ? dice.pick(this.#vectors) : this.#flat(input);
    this.#read.add(vector);
    const partners = [vector, ...this.#vectors.filter(({ shape }) => shape.join() === vector.shape.join())];
    const other = dice.once(2) ? dice.pick(partners) : g.flatten(this.#operand([...vector.shape, 1, 1]));
    this.#vectors.push(
      vector,
      dice.pick([
        () => this.#act(g.add(vector, other)),
        () => this.#act(g.mul(other, vector)),
        () => g.softmax(vector),
        () => this.#act(vector),
        () => this.#act(this.#gemm(vector)),
      ])(),
    );
    return this.#act(input);
  }

  #name(): string {
    return `layer.${this.#names++}`;
  }
}
