import { during } from '../common/errors.ts';
import {
  either,
  FINITE,
  FLAG,
  type Kind,
  listOf,
  NOT_NEGATIVE,
  OBJECT,
  oneOf,
  optional,
  POSITIVE_INTEGER,
  show,
  unchecked,
} from '../common/kinds.ts';
import type { OptionValues } from '../common/options.ts';
import { composeAffine } from './affine.ts';
import { affine, functionOf } from './arithmetic.ts';
import {
  type BatchNormalizationOptions,
  mapShape,
  type PaddingOption,
  readOptions,
  requireName,
  sameShape,
  toPair,
} from './builder.ts';
import { check } from './check.ts';
import {
  elementsOf,
  type Graph,
  type MapShape,
  type Padding,
  type Pair,
  type Rounding,
  type Shape,
  type Tensor,
  type Value,
} from './graph.ts';
import { countPadding } from './padding.ts';
import { inverseDeviation, REDUCTIONS, type Reduction, stepsOver, withoutAxes } from './reduction.ts';
import { RESAMPLE2D, type Resample2dOptions } from './resizing-builder.ts';
import { NATURALS, requireAxes, SIZES, SIZES_OF_ANY } from './viewing-builder.ts';
import { simplifyViews } from './views.ts';
import { along } from './window.ts';
import { LAYOUT, type Layout, WindowingGraphBuilder } from './windowing-builder.ts';

export interface ReduceOptions {
  /** Those that are reduced; all unless given. */
  axes?: readonly number[] | undefined;
  /** Whether they stay, with size 1; false unless given. */
  keepDimensions?: boolean | undefined;
}

export interface PadOptions {
  mode?: 'constant' | 'edge' | 'reflection' | undefined;
  /** Of the mode `constant`: 0 unless given. */
  value?: number | undefined;
}

/** Where a result's pixel lies in the input: at `index * steps + offsets`. */
interface Line {
  readonly steps: Pair;
  readonly offsets: Pair;
}

export interface AnyResample2dOptions extends Omit<Resample2dOptions, 'mode' | 'coordinates'> {
  /** `nearest-neighbor` unless given; `cubic` is a mean of the 4 x 4 pixels around the coordinate. */
  mode?: 'nearest-neighbor' | 'linear' | 'cubic' | undefined;
  /**
   * For height and width, with explicit `sizes`; or, of `linear` and `cubic`, a name as in `Resample2dOptions`. Of
   * `nearest-neighbor` only `half-pixel`, by which the pixel is the one that WebNN takes.
   */
  coordinates?: Resample2dOptions['coordinates'] | Line;
  /** Of `nearest-neighbor`: how the coordinate is rounded; `floor` unless given, of `half-pixel` `round-prefer-floor`. */
  rounding?: Rounding | undefined;
  /** Of `cubic`: -0.75 unless given. */
  cubicCoefficient?: number | undefined;
  /** Of `cubic`: whether pixels outside of the map count nothing, and the others more; false unless given. */
  excludeOutside?: boolean | undefined;
  /** Those that `sizes`, `scales` and the rest are of, [2, 3] unless given. */
  axes?: Pair | undefined;
}

export interface NormalizationOptions {
  scale?: Tensor | undefined;
  bias?: Tensor | undefined;
  /** 1e-5 unless given. */
  epsilon?: number | undefined;
}

const PAD = { mode: [oneOf('constant', 'edge', 'reflection'), 'constant'], value: [FINITE, 0] } as const;
const PAIR_OF_STEPS = listOf(NOT_NEGATIVE, 'two numbers', [2]);
const PAIR_OF_OFFSETS = listOf(FINITE, 'two numbers', [2]);
const TWO_AXES = {
  expected: 'two of the four axes',
  accepts: (value: unknown): value is Pair =>
    listOf(oneOf(0, 1, 2, 3), '', [2]).accepts(value) && value[0] !== value[1],
};
const NAMES = RESAMPLE2D.coordinates[0];
const LINE: Kind<Line> = {
  expected: 'steps and offsets, two numbers each',
  accepts: (value): value is Line =>
    OBJECT.accepts(value) && PAIR_OF_STEPS.accepts(value.steps) && PAIR_OF_OFFSETS.accepts(value.offsets),
};
const ANY_RESAMPLE2D = {
  ...RESAMPLE2D,
  mode: [oneOf('nearest-neighbor', 'linear', 'cubic'), 'nearest-neighbor'],
  coordinates: [either(NAMES, LINE), undefined],
  rounding: [optional(oneOf<Rounding>('floor', 'ceil', 'round-prefer-floor', 'round-prefer-ceil')), undefined],
  cubicCoefficient: [FINITE, -0.75],
  excludeOutside: [FLAG, false],
  axes: [TWO_AXES, [2, 3]],
} as const;

/** Only a builder knows its tensors. */
const TENSOR = unchecked<Tensor>();
const AXES = [optional(NATURALS), undefined] as const;
const KEEP_DIMENSIONS = { keepDimensions: [FLAG, false] } as const;
const REDUCE = { axes: AXES, ...KEEP_DIMENSIONS } as const;
const NORMALIZATION = {
  scale: [TENSOR, undefined],
  bias: [TENSOR, undefined],
  epsilon: [NOT_NEGATIVE, 1e-5],
} as const;
const BATCH_NORMALIZATION = { ...NORMALIZATION, axis: [unchecked<number>(), 1] } as const;
const INSTANCE_NORMALIZATION = { ...NORMALIZATION, layout: LAYOUT } as const;
const LAYER_NORMALIZATION = { ...NORMALIZATION, axes: AXES } as const;
const LOCAL_RESPONSE = {
  size: [POSITIVE_INTEGER, undefined],
  alpha: [FINITE, 1e-4],
  beta: [FINITE, 0.75],
  bias: [FINITE, 1],
} as const;

const inverted = (permutation: readonly number[]) => permutation.map((_, axis) => permutation.indexOf(axis));

/** All axes of a value from one on. */
const axesFrom = (first: number, { shape }: Value): Shape => shape.map((_, axis) => axis).slice(first);

/** All ops. */
export class GraphBuilder<Outputs extends string = string> extends WindowingGraphBuilder<Outputs> {
  readonly #shapes = new Map<string, Shape>();

  /** An input of the network: `[batch, channels, height, width]` or of any other shape of at least two sizes. */
  override input(name: string, shape: Shape): Value {
    requireName(name);
    check(SIZES.accepts(shape), `shape of '${name}'`, shape, SIZES.expected);
    return super.input(name, shape);
  }

  /** Names a result of the network, whose shape the caller is told as `shape`, of as many elements, if that is given. */
  override output(name: Outputs, value: Value, shape?: Shape): void {
    super.output(name, value);
    if (!shape) return;
    check(SIZES_OF_ANY.accepts(shape), `shape of '${name}'`, shape, SIZES_OF_ANY.expected);
    const [given, wanted] = [elementsOf(value.shape), elementsOf(shape)];
    check(given === wanted, `shape of '${name}'`, shape, `one of ${given} elements, as ${show(value.shape)} has`);
    this.#shapes.set(name, [...shape]);
  }

  /** A tensor with values of its own, row-major, of shape `[values.length]` unless given: the checkpoint does not hold it. */
  override constant(name: string, values: readonly number[], shape?: Shape): Tensor {
    if (shape) {
      check(SIZES_OF_ANY.accepts(shape), `shape of '${name}'`, shape, SIZES_OF_ANY.expected);
      check(elementsOf(shape) === values?.length, `shape of '${name}'`, shape, `one of ${values?.length} elements`);
    }
    return super.constant(name, values, shape && [...shape]);
  }

  /** Zeros around height and width. */
  override pad(input: Value, padding: PaddingOption): Value;
  /**
   * What lies before and after each axis: a number, the element at the edge (`edge`), or the elements that follow it, in the
   * opposite order (`reflection`), of which there is less than the axis has.
   */
  override pad(input: Value, beginningPadding: Shape, endingPadding: Shape, options?: PadOptions): Value;
  override pad(input: Value, padding: PaddingOption | Shape, ending?: Shape, options: PadOptions = {}): Value {
    if (ending === undefined) return super.pad(input, padding as PaddingOption);
    const { before, after, ...fill } = during(`adding pad to '${input?.name}'`, () => {
      this.requireValue(input);
      const { shape } = input;
      const listOfAll = (role: string, list: unknown) => {
        const isOfAll = NATURALS.accepts(list) && list.length === shape.length;
        check(isOfAll, `${role} padding`, list, `${shape.length} natural numbers`);
        return [...list];
      };
      const sides = { before: listOfAll('beginning', padding), after: listOfAll('ending', ending) };
      const read = readOptions(options, PAD);
      const isBelow = (list: Shape) => list.every((size, axis) => size < (shape[axis] as number));
      const fits = read.mode !== 'reflection' || (isBelow(sides.before) && isBelow(sides.after));
      check(fits, 'padding', sides, `below the sizes ${show(shape)}, where 'mode' is 'reflection'`);
      return { ...sides, ...read };
    });
    const sidesOf = (axis: number) => [before[axis] as number, after[axis] as number] as const;
    const axes = before.flatMap((_, axis) => (sidesOf(axis).some(Boolean) ? [axis] : []));
    if (before.length === 4 && axes.every((axis) => axis >= 2)) {
      return this.#padMap(input, [...sidesOf(2), ...sidesOf(3)], fill);
    }
    // One axis after another, each as the height of a map.
    return axes.reduce((padded, axis) => {
      const { shape } = padded;
      const [outer, inner] = [shape.slice(0, axis), shape.slice(axis + 1)];
      const items = axis < 2 ? 1 : shape[0];
      const map = this.reshape(padded, [items, elementsOf(outer) / items, shape[axis] as number, elementsOf(inner)]);
      const result = this.#padMap(map, [...sidesOf(axis), 0, 0], fill);
      return this.reshape(result, [...outer, result.shape[2] as number, ...inner]);
    }, input);
  }

  /**
   * Another height and width: each pixel of the result is the nearest one of the input, or a mean of the four around it, or of
   * the 4 x 4 around it (`cubic`). As in `BasicGraphBuilder`, unless one of the other options is given.
   */
  override resample2d(input: Value, options: AnyResample2dOptions = {}): Value {
    const { axes, ...given } = during(`adding resample2d to '${input?.name}'`, () => {
      this.requireValue(input);
      mapShape(input);
      return readOptions(options, ANY_RESAMPLE2D);
    });
    if (axes.join() !== '2,3') {
      const permutation = [...[0, 1, 2, 3].filter((axis) => !axes.includes(axis)), ...axes];
      const turned = this.resample2d(this.transpose(input, { permutation }), given);
      return this.transpose(turned, { permutation: inverted(permutation) });
    }
    const { mode, coordinates, sizes, scales, rounding, cubicCoefficient, excludeOutside } = given;
    const isRounded = rounding || (mode === 'nearest-neighbor' && coordinates === 'half-pixel');
    if (mode !== 'cubic' && typeof coordinates !== 'object' && !isRounded) {
      return super.resample2d(input, { mode, coordinates, sizes, scales });
    }
    if (mode === 'linear') {
      return this.addNode('resample2d', [input], () => ({ mode, ...this.#sampled(input, given) }));
    }
    const nearest = coordinates === 'half-pixel' ? 'round-prefer-floor' : 'floor';
    const by = mode === 'cubic' ? { cubicCoefficient, excludeOutside } : { rounding: rounding ?? nearest };
    const make = () => ({ by, ...this.#sampled(input, given) });
    return this.addNode('resampleModes', [input], make, [], undefined, 'resample2d');
  }

  /** The mean along some axes. */
  reduceMean(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceMean', input, options);
  }
  reduceSum(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceSum', input, options);
  }
  reduceMax(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceMax', input, options);
  }
  reduceMin(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceMin', input, options);
  }
  reduceProduct(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceProduct', input, options);
  }
  /** The sum of magnitudes along some axes. */
  reduceL1(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceL1', input, options);
  }
  /** The root of the sum of squares along some axes. */
  reduceL2(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceL2', input, options);
  }
  /** The sum of squares along some axes. */
  reduceSumSquare(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceSumSquare', input, options);
  }
  /** The logarithm of the sum along some axes. */
  reduceLogSum(input: Value, options: ReduceOptions = {}): Value {
    return this.#reduce('reduceLogSum', input, options);
  }
  /** The logarithm of the sum of exponentials along some axes. */
  reduceLogSumExp(input: Value, options: ReduceOptions = {}): Value {
    const { axes, keepDimensions } = this.#readReduce('reduceLogSumExp', input, options);
    const largest = this.#along('reduceLogSumExp', input, axes, REDUCTIONS.reduceMax);
    const powers = this.#powers('reduceLogSumExp', input, largest);
    const result = this.add(this.#along('reduceLogSumExp', powers, axes, REDUCTIONS.reduceLogSum), largest);
    return keepDimensions ? result : this.reshape(result, withoutAxes(input.shape, axes));
  }
  /** The index of the largest element along an axis, the first one of equals. */
  argMax(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return this.#index('argMax', input, axis, options);
  }
  /** The index of the smallest element along an axis, the first one of equals. */
  argMin(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return this.#index('argMin', input, axis, options);
  }

  #reduce(called: keyof typeof REDUCTIONS, input: Value, options: ReduceOptions): Value {
    const { axes, keepDimensions } = this.#readReduce(called, input, options);
    const result = this.#along(called, input, axes, REDUCTIONS[called]);
    return keepDimensions ? result : this.reshape(result, withoutAxes(input.shape, axes));
  }

  #index(called: 'argMax' | 'argMin', input: Value, axis: number, options: unknown): Value {
    const { keepDimensions } = during(`adding ${called} of '${input?.name}'`, () => {
      this.requireAxis(input, axis);
      return readOptions(options, KEEP_DIMENSIONS);
    });
    const result = this.#along(called, input, [axis], { operation: called, of: 'identity' });
    return keepDimensions ? result : this.reshape(result, withoutAxes(input.shape, [axis]));
  }

  #readReduce(called: string, input: Value, options: unknown): { axes: Shape; keepDimensions: boolean } {
    return during(`adding ${called} of '${input?.name}'`, () => {
      this.requireValue(input);
      const { axes = axesFrom(0, input), keepDimensions } = readOptions(options, REDUCE);
      requireAxes(axes, input.shape);
      return { axes: [...axes], keepDimensions };
    });
  }

  /** A reduction that leaves the axes, with size 1. */
  #along(called: string, input: Value, axes: Shape, reduction: Reduction): Value {
    const { operation, of, once, each, last = each } = reduction;
    const steps = stepsOver(input.shape, axes);
    if (steps.length === 0 && (of || last !== each))
      steps.push({ along: 'pixels', count: 1, inner: 1, shape: input.shape });
    return steps.reduce((value, { shape, ...step }, index) => {
      const isMap = value.shape.length === 4 && step.along === 'pixels' && shape[2] === 1 && shape[3] === 1;
      if (isMap && reduction === REDUCTIONS.reduceMean) return this.averagePool2d(value);
      const activation = (index < steps.length - 1 ? each : last)?.(step.count);
      const make = () => ({
        operation,
        of: (!(once && index > 0) && of) || ('identity' as const),
        ...step,
        ...(activation && { activation }),
        shape,
      });
      return this.addNode('reduce', [value], make, [], undefined, called);
    }, input);
  }

  /** exp(input - largest) */
  #powers(called: string, input: Value, largest: Value): Value {
    const { shape } = input;
    const make = () =>
      ({ operation: 'sub', activation: functionOf('exp'), shapes: [shape, largest.shape], shape }) as const;
    return this.addNode('broadcast', [input, largest], make, [], undefined, called);
  }

  /** Softmax along an axis, the channels unless given. */
  override softmax(input: Value, axis = 1, ...more: never[]): Value {
    if (axis === 1) return super.softmax(input, axis, ...more);
    during(`adding softmax of '${input?.name}'`, () => this.requireAxis(input, axis));
    const powers = this.#powers('softmax', input, this.#along('softmax', input, [axis], REDUCTIONS.reduceMax));
    const inverse = { operation: 'sum', last: () => functionOf('reciprocal') } as const;
    return this.mul(powers, this.#along('softmax', powers, [axis], inverse));
  }
  /** Inference batch normalization along an axis, the channels unless given. */
  override batchNormalization(
    input: Value,
    mean: Tensor,
    variance: Tensor,
    options: BatchNormalizationOptions & { axis?: number | undefined } = {},
  ): Value {
    if (!OBJECT.accepts(options) || !('axis' in options)) {
      return super.batchNormalization(input, mean, variance, options);
    }
    const { axis, ...given } = during(`adding batchNormalization of '${input?.name}'`, () => {
      const read = readOptions(options, BATCH_NORMALIZATION);
      this.requireAxis(input, read.axis as number);
      return { ...read, axis: read.axis as number };
    });
    if (axis === 1) return super.batchNormalization(input, mean, variance, given);
    const swapped: Record<number, number> = { 1: axis, [axis]: 1 };
    const permutation = input.shape.map((_, at) => swapped[at] ?? at);
    const turned = this.transpose(input, { permutation });
    return this.transpose(super.batchNormalization(turned, mean, variance, given), { permutation });
  }
  /** Each channel of each item minus its mean over the map, divided by its deviation there (arXiv 1607.08022). */
  instanceNormalization(input: Value, options: NormalizationOptions & { layout?: Layout | undefined } = {}): Value {
    return this.inLayout(options?.layout, input, (map) => this.#normalizeInstances(map, options));
  }

  #normalizeInstances(input: Value, options: unknown): Value {
    const { scale, bias, epsilon } = during(`adding instanceNormalization of '${input?.name}'`, () => {
      this.requireValue(input);
      const read = readOptions(options, INSTANCE_NORMALIZATION);
      for (const role of ['scale', 'bias'] as const) {
        const tensor = read[role];
        if (tensor) this.requireChannels(tensor, input.shape[1], role);
      }
      return read;
    });
    const result = this.#standardize('instanceNormalization', input, axesFrom(2, input), epsilon);
    return this.#scaled('instanceNormalization', result, { scale, bias });
  }
  /**
   * Minus the mean along some axes, all but the items' unless given, divided by the deviation there, times scale and plus bias,
   * which have the sizes of these axes (arXiv 1607.06450).
   */
  layerNormalization(
    input: Value,
    options: NormalizationOptions & { axes?: readonly number[] | undefined } = {},
  ): Value {
    const { axes, scale, bias, epsilon } = during(`adding layerNormalization of '${input?.name}'`, () => {
      this.requireValue(input);
      const { axes = axesFrom(1, input), ...read } = readOptions(options, LAYER_NORMALIZATION);
      requireAxes(axes, input.shape);
      const sizes = axes.map((axis) => input.shape[axis] as number);
      for (const role of ['scale', 'bias'] as const) {
        const tensor = read[role];
        if (!tensor) continue;
        this.requireTensor(tensor, role);
        check(sameShape(tensor.shape, sizes), `shape of '${tensor.name}'`, tensor.shape, show(sizes));
      }
      return { ...read, axes: [...axes] };
    });
    if ((scale || bias) && axes.some((axis, index) => index > 0 && axis < (axes[index - 1] as number))) {
      // What the tensors' axes are in the order of.
      const permutation = [...input.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
      const last = axesFrom(permutation.length - axes.length, input);
      const result = this.layerNormalization(this.transpose(input, { permutation }), { ...options, axes: last });
      return this.transpose(result, { permutation: inverted(permutation) });
    }
    const shape = input.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
    const withTensor = (value: Value, operation: 'add' | 'mul', tensor: Tensor | undefined) =>
      tensor ? this.addBroadcast(operation, value, { ...tensor, shape }, [], 'layerNormalization') : value;
    const result = this.#standardize('layerNormalization', input, axes, epsilon);
    if (axes.join() === '1') return this.#scaled('layerNormalization', result, { scale, bias });
    return withTensor(withTensor(result, 'mul', scale), 'add', bias);
  }
  /**
   * Each element by (bias + alpha / size * the sum of the squares of the `size` channels around it)^beta; of an even number
   * one more lies after it. ONNX's LRN, the normalization of AlexNet.
   */
  localResponseNormalization(
    input: Value,
    options: { size: number; alpha?: number | undefined; beta?: number | undefined; bias?: number | undefined },
  ): Value {
    const make = () => ({ ...readOptions(options, LOCAL_RESPONSE), shape: input.shape });
    return this.addNode('localResponseNormalization', [input], make);
  }

  /** (x - mean) / sqrt(variance + epsilon), along some axes. */
  #standardize(called: string, input: Value, axes: Shape, epsilon: number): Value {
    const [step, ...others] = stepsOver(input.shape, axes);
    if (step && step.along !== 'items' && others.length === 0) {
      const { along, count, inner } = step;
      const make = () => ({ along, count, inner, epsilon, shape: input.shape });
      return this.addNode('standardize', [input], make, [], undefined, called);
    }
    const difference = this.sub(input, this.#along(called, input, axes, REDUCTIONS.reduceMean));
    return this.mul(difference, this.#along(called, difference, axes, inverseDeviation(epsilon)));
  }

  /** Times a number for each channel, and plus one. */
  #scaled(called: string, input: Value, given: { scale: Tensor | undefined; bias: Tensor | undefined }): Value {
    if (!given.scale && !given.bias) return input;
    const make = () => ({ batchNormalization: affine(input.shape[1], given), shape: input.shape });
    return this.addNode('batchNormalization', [input], make, [], undefined, called);
  }

  override finish(): Graph {
    const graph = super.finish();
    requireCountable(graph);
    const outputs = graph.outputs.map((output) => ({ ...output, shape: this.#shapes.get(output.name) }));
    return countPadding(simplifyViews(composeAffine({ ...graph, outputs })));
  }

  /** The result's shape, and where its pixels lie in the input. */
  #sampled(
    input: Value,
    { mode, sizes, scales, coordinates, rounding }: Omit<OptionValues<typeof ANY_RESAMPLE2D>, 'axes'>,
  ): Line & { readonly shape: MapShape } {
    const [batch, channels, ...from] = mapShape(input);
    const isLine = typeof coordinates === 'object';
    const isNearest = mode === 'nearest-neighbor';
    check(isNearest || !rounding, "option 'rounding'", rounding, "left out where 'mode' is not 'nearest-neighbor'");
    check(!isLine || sizes !== undefined, "option 'sizes'", sizes, 'given with steps and offsets');
    const factors = toPair(scales);
    const to = sizes ? toPair(sizes) : along((axis) => Math.floor(from[axis] * factors[axis]));
    const shape = [batch, channels, ...to] as const;
    if (isLine) return { steps: toPair(coordinates.steps), offsets: toPair(coordinates.offsets), shape };
    const isAligned = coordinates === 'align-corners';
    check(
      !isNearest || !isAligned,
      "option 'coordinates'",
      coordinates,
      `"half-pixel" or left out, where 'mode' is 'nearest-neighbor'`,
    );
    const steps = along((axis) => {
      const [before, after] = [from[axis], to[axis]];
      if (isAligned) return after > 1 ? (before - 1) / (after - 1) : 0;
      return sizes || after === before ? before / after : 1 / factors[axis];
    });
    const isShifted = coordinates === 'half-pixel' || !(isNearest || isAligned);
    return { steps, offsets: along((axis) => (isShifted ? (steps[axis] - 1) / 2 : 0)), shape };
  }

  #padMap(input: Value, padding: Padding, fill: OptionValues<typeof PAD>): Value {
    if (fill.mode === 'constant' && fill.value === 0) return super.pad(input, padding);
    const make = () => {
      const [batch, channels, height, width] = mapShape(input);
      const [top, bottom, left, right] = padding;
      return { padding, ...fill, shape: [batch, channels, height + top + bottom, width + left + right] } as const;
    };
    return this.addNode('padModes', [input], make, [], undefined, 'pad');
  }
}

/** No device binds more than 4 GiB: in shaders a number of bytes has 32 bits. */
const MOST_ELEMENTS = 2 ** 30;

/** A place has 32 bits, too: so many strides and dilations, less the padding. */
function requireCountable({ inputs, nodes }: Graph): void {
  for (const { name, shape } of [...inputs, ...nodes.map(({ output }) => output)]) {
    check(elementsOf(shape) <= MOST_ELEMENTS, `shape of '${name}'`, shape, 'one of at most 2^30 elements');
  }
  for (const node of nodes) {
    if (!('dilations' in node)) continue;
    const { op, name, strides, padding, dilations } = node;
    const isSmall = [strides, padding, dilations].flat().every((size) => size < 2 ** 16);
    const window = { strides, padding, dilations };
    check(isSmall, `window of ${op} '${name}'`, window, 'one of strides, padding and dilations below 65536');
  }
}
