import { ArchitectureError, during } from '../common/errors.ts';
import {
  either,
  FINITE,
  FLAG,
  type Kind,
  listOf,
  NATURAL,
  NOT_NEGATIVE,
  OBJECT,
  oneOf,
  optional,
  POSITIVE_INTEGER,
  show,
} from '../common/kinds.ts';
import { sum } from '../common/numbers.ts';
import type { OptionValues } from '../common/options.ts';
import {
  BasicGraphBuilder,
  type BatchNormalizationOptions,
  mapShape,
  type PaddingOption,
  type PairOption,
  RESAMPLE2D,
  type Resample2dOptions,
  readOptions,
  requireName,
  sameShape,
  toPair,
} from './builder.ts';
import { check, demand } from './check.ts';
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
  type ValueShape,
} from './graph.ts';
import { type View, viewOf } from './view.ts';
import { simplifyViews } from './views.ts';
import { along } from './window.ts';

/** What an op reads: a value, or a tensor of the checkpoint or of the graph. */
export type Operand = Value | Tensor;

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
  /** For height and width, with explicit `sizes`; or, of `linear` and `cubic`, a name as in `Resample2dOptions`. */
  coordinates?: Resample2dOptions['coordinates'] | Line;
  /** Of `nearest-neighbor`: how the coordinate is rounded; `floor` unless given. */
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

const NATURALS = listOf(NATURAL, 'a list of natural numbers');
const SIZES_OF_ANY = listOf(POSITIVE_INTEGER, 'a list of positive integers');
/** Of a value. */
const SIZES: Kind<ValueShape> = {
  expected: 'a list of at least two positive integers',
  accepts: (value): value is ValueShape => SIZES_OF_ANY.accepts(value) && value.length >= 2,
};

const TRANSPOSE = { permutation: [optional(NATURALS), undefined] } as const;
const SLICE = { strides: [optional(SIZES_OF_ANY), undefined] } as const;
const SPLIT = { axis: [NATURAL, 0] } as const;
const REVERSE = { axes: [optional(NATURALS), undefined] } as const;
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
const DEPTH_TO_SPACE = { mode: [oneOf('DCR', 'CRD'), 'DCR'] } as const;

function later(..._: unknown[]): never {
  throw new ArchitectureError('This op is not there yet.');
}

/** All ops. */
export class GraphBuilder<Outputs extends string = string> extends BasicGraphBuilder<Outputs> {
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

  override add(a: Operand, b: Operand, ..._more: never[]): Value {
    return super.add(a as Value, b as Value);
  }
  sub(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  override mul(a: Operand, b: Operand, ..._more: never[]): Value {
    return super.mul(a as Value, b as Value);
  }
  div(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  min(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  max(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  pow(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  prelu(input: Value, slope: Operand): Value {
    return later(input, slope);
  }
  matmul(a: Value, b: Operand): Value {
    return later(a, b);
  }

  abs(input: Value): Value {
    return later(input);
  }
  neg(input: Value): Value {
    return later(input);
  }
  exp(input: Value): Value {
    return later(input);
  }
  log(input: Value): Value {
    return later(input);
  }
  sqrt(input: Value): Value {
    return later(input);
  }
  reciprocal(input: Value): Value {
    return later(input);
  }
  sin(input: Value): Value {
    return later(input);
  }
  cos(input: Value): Value {
    return later(input);
  }
  tan(input: Value): Value {
    return later(input);
  }
  floor(input: Value): Value {
    return later(input);
  }
  ceil(input: Value): Value {
    return later(input);
  }
  roundEven(input: Value): Value {
    return later(input);
  }
  sign(input: Value): Value {
    return later(input);
  }
  erf(input: Value): Value {
    return later(input);
  }
  identity(input: Value): Value {
    return later(input);
  }
  tanh(input: Value): Value {
    return later(input);
  }
  softplus(input: Value): Value {
    return later(input);
  }
  softsign(input: Value): Value {
    return later(input);
  }
  gelu(input: Value): Value {
    return later(input);
  }
  silu(input: Value): Value {
    return later(input);
  }
  elu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return later(input, options);
  }
  leakyRelu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return later(input, options);
  }
  linear(input: Value, options: { alpha?: number | undefined; beta?: number | undefined } = {}): Value {
    return later(input, options);
  }

  /** A tensor with values of its own, row-major, of shape `[values.length]` unless given: the checkpoint does not hold it. */
  override constant(name: string, values: readonly number[], shape?: Shape): Tensor {
    if (shape) {
      check(SIZES_OF_ANY.accepts(shape), `shape of '${name}'`, shape, SIZES_OF_ANY.expected);
      check(elementsOf(shape) === values?.length, `shape of '${name}'`, shape, `one of ${values?.length} elements`);
    }
    return super.constant(name, values, shape && [...shape]);
  }

  /** The same elements, row-major, in another shape, of which there are at least two sizes. */
  reshape(input: Value, newShape: Shape): Value {
    return this.#view('reshape', input, (shape) => {
      check(SIZES.accepts(newShape), 'new shape', newShape, SIZES.expected);
      const [given, wanted] = [elementsOf(shape), elementsOf(newShape)];
      check(given === wanted, 'new shape', newShape, `one of ${given} elements, as ${show(shape)} has`);
      return { ...viewOf(shape), shape: newShape };
    });
  }

  /** Axes in another order: axis i of the result is `permutation[i]` of the input; the last one first unless given. */
  transpose(input: Value, options: { permutation?: readonly number[] | undefined } = {}): Value {
    return this.#view('transpose', input, (shape) => {
      const { permutation = shape.map((_, axis) => axis).reverse() } = readOptions(options, TRANSPOSE);
      const isPermutation = sameShape(
        [...permutation].sort((a, b) => a - b),
        shape.map((_, axis) => axis),
      );
      check(isPermutation, "option 'permutation'", permutation, `each of the ${shape.length} axes once`);
      const { sizes, strides, offset } = viewOf(shape);
      const permuted = (list: readonly number[]) => permutation.map((axis) => list[axis] as number);
      return { sizes: permuted(sizes), strides: permuted(strides), offset };
    });
  }

  /** A part: along each axis `sizes` elements from `starts` on, of which every `strides`-th one is taken, 1 unless given. */
  override slice(input: Value, starts: Shape, sizes: Shape, options: { strides?: Shape | undefined } = {}): Value {
    return this.#view('slice', input, (shape) => {
      const { strides = shape.map(() => 1) } = readOptions(options, SLICE);
      const isPart =
        NATURALS.accepts(starts) &&
        SIZES.accepts(sizes) &&
        [starts, sizes].every(({ length }) => length === shape.length) &&
        shape.every((size, axis) => (starts[axis] as number) + (sizes[axis] as number) <= size);
      check(isPart, 'slice', { starts, sizes }, `within ${show(shape)}`);
      check(strides.length === shape.length, "option 'strides'", strides, `${shape.length} positive integers`);
      const { strides: steps } = viewOf(shape);
      return {
        sizes: sizes.map((size, axis) => Math.ceil(size / (strides[axis] as number))),
        strides: steps.map((step, axis) => step * (strides[axis] as number)),
        offset: sum(steps.map((step, axis) => step * (starts[axis] as number))),
      };
    });
  }

  /** Parts along an axis: as many of equal size as `splits` says, or of the sizes that it lists. */
  split(input: Value, splits: number | readonly number[], options: { axis?: number | undefined } = {}): Value[] {
    const { axis, sizes } = during(`adding split of '${input?.name}'`, () => {
      this.requireValue(input);
      const read = readOptions(options, SPLIT);
      const size = this.#sizeOf(input, read.axis);
      const isEven = POSITIVE_INTEGER.accepts(splits) && size % splits === 0;
      const isWhole = SIZES_OF_ANY.accepts(splits) && sum(splits) === size;
      check(isEven || isWhole, 'split', splits, `a divisor of ${size}, or a list of sizes of that sum`);
      return { ...read, sizes: isEven ? Array<number>(splits).fill(size / splits) : [...(splits as Shape)] };
    });
    let end = 0;
    return sizes.map((size) => {
      end += size;
      const along = (here: number, others: readonly number[]) =>
        others.map((other, at) => (at === axis ? here : other));
      return this.slice(
        input,
        along(
          end - size,
          input.shape.map(() => 0),
        ),
        along(size, input.shape),
      );
    });
  }

  /** To a larger shape, in which sizes of 1 repeat, and more sizes may come first. */
  expand(input: Value, newShape: Shape): Value {
    return this.#view('expand', input, (shape) => {
      const more = SIZES.accepts(newShape) ? newShape.length - shape.length : -1;
      const fits = more >= 0 && shape.every((size, axis) => size === 1 || size === newShape[axis + more]);
      check(fits, 'new shape', newShape, `one to which ${show(shape)} can be broadcast`);
      const { strides, offset } = viewOf(shape);
      const stepOf = (at: number) => (shape[at] === 1 ? 0 : (strides[at] ?? 0));
      return { sizes: newShape, strides: newShape.map((_, axis) => stepOf(axis - more)), offset };
    });
  }

  /** Along each axis so many repetitions, one after another. */
  tile(input: Value, repetitions: Shape): Value {
    return this.#view('tile', input, (shape) => {
      const isList = SIZES.accepts(repetitions) && repetitions.length === shape.length;
      check(isList, 'list of repetitions', repetitions, `${shape.length} positive integers`);
      const { strides, offset } = viewOf(shape);
      return {
        sizes: shape.flatMap((size, axis) => [repetitions[axis] as number, size]),
        strides: strides.flatMap((stride) => [0, stride]),
        offset,
        shape: shape.map((size, axis) => size * (repetitions[axis] as number)),
      };
    });
  }

  /** Backwards along `axes`; along all unless given. */
  reverse(input: Value, options: { axes?: readonly number[] | undefined } = {}): Value {
    return this.#view('reverse', input, (shape) => {
      const { axes = shape.map((_, axis) => axis) } = readOptions(options, REVERSE);
      const isSet = new Set(axes).size === axes.length && axes.every((axis) => axis < shape.length);
      check(isSet, "option 'axes'", axes, `some of the ${shape.length} axes, each once`);
      const { sizes, strides } = viewOf(shape);
      return {
        sizes,
        strides: strides.map((stride, axis) => (axes.includes(axis) ? -stride : stride)),
        offset: sum(axes.map((axis) => ((sizes[axis] as number) - 1) * (strides[axis] as number))),
      };
    });
  }

  /**
   * Groups of `blocksize`² channels become blocks of pixels. `DCR` (unless given): the channels of a pixel of all blocks come
   * before those of the next; `CRD`: all pixels of a channel's block come before those of the next channel, as in PyTorch's
   * PixelShuffle. ONNX's operator of this name.
   */
  depthToSpace(input: Value, blocksize: number, options: { mode?: 'DCR' | 'CRD' | undefined } = {}): Value {
    return this.#view('depthToSpace', input, (shape) => {
      const { mode } = readOptions(options, DEPTH_TO_SPACE);
      const [batch, channels, height, width] = mapShape({ name: input.name, shape });
      const fits = POSITIVE_INTEGER.accepts(blocksize) && channels % blocksize ** 2 === 0;
      check(fits, 'block size', blocksize, `a positive integer whose square divides the ${channels} channels`);
      const plane = height * width;
      const depth = channels / blocksize ** 2;
      const [channelStep, blockStep] = mode === 'DCR' ? [plane, plane * depth] : [plane * blocksize ** 2, plane];
      return {
        sizes: [batch, depth, height, blocksize, width, blocksize],
        strides: [channels * plane, channelStep, width, blockStep * blocksize, 1, blockStep],
        offset: 0,
        shape: [batch, depth, height * blocksize, width * blocksize],
      };
    });
  }

  /** Blocks of `blocksize`² pixels become channels, pixel by pixel: what `depthToSpace` with mode `DCR` takes back. */
  spaceToDepth(input: Value, blocksize: number): Value {
    return this.#view('spaceToDepth', input, (shape) => {
      const [batch, channels, height, width] = mapShape({ name: input.name, shape });
      const fits = POSITIVE_INTEGER.accepts(blocksize) && height % blocksize === 0 && width % blocksize === 0;
      check(fits, 'block size', blocksize, `a positive integer that divides ${height} and ${width}`);
      const plane = height * width;
      return {
        sizes: [batch, blocksize, blocksize, channels, height / blocksize, width / blocksize],
        strides: [channels * plane, width, 1, plane, width * blocksize, blocksize],
        offset: 0,
        shape: [batch, channels * blocksize ** 2, height / blocksize, width / blocksize],
      };
    });
  }

  /**
   * Values one after another along an axis; of all others they have the same sizes. Along the channels no kernel runs for it:
   * what makes the inputs writes them side by side, where that can be (see `join.ts`).
   */
  override concat(inputs: readonly Value[], axis = 1, ...more: never[]): Value {
    const values: readonly Value[] = Array.isArray(inputs) ? [...inputs] : [];
    const sizes = () => {
      const [first] = values;
      check(first !== undefined, 'list', inputs, 'a list of values');
      this.#sizeOf(first, axis);
      for (const { shape } of values) {
        demand(
          sameShape(
            shape.map((size, at) => (at === axis ? 0 : size)),
            first.shape.map((size, at) => (at === axis ? 0 : size)),
          ),
          `The shapes ${show(first.shape)} and ${show(shape)} differ in more than axis ${axis}.`,
        );
      }
      const size = sum(values.map(({ shape }) => shape[axis] as number));
      return first.shape.map((other, at) => (at === axis ? size : other)) as unknown as ValueShape;
    };
    if (axis === 1) return this.addNode('concat', values, () => ({ shape: sizes() }), more);
    return this.addNode('concatAlong', values, () => ({ axis, shape: sizes() }), more, undefined, 'concat');
  }

  /** All sizes but the first as one: `[batch, features]`. */
  override flatten(input: Value): Value {
    return this.#view('flatten', input, (shape) => ({
      ...viewOf(shape),
      shape: [shape[0] as number, elementsOf(shape.slice(1))],
    }));
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
  override resample2d(input: Value, options: AnyResample2dOptions): Value {
    const { axes, ...given } = during(`adding resample2d to '${input?.name}'`, () => {
      this.requireValue(input);
      mapShape(input);
      return readOptions(options, ANY_RESAMPLE2D);
    });
    if (axes.join() !== '2,3') {
      const permutation = [...[0, 1, 2, 3].filter((axis) => !axes.includes(axis)), ...axes];
      const turned = this.resample2d(this.transpose(input, { permutation }), given);
      return this.transpose(turned, { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) });
    }
    const { mode, coordinates, sizes, scales, rounding, cubicCoefficient, excludeOutside } = given;
    if (mode !== 'cubic' && typeof coordinates !== 'object' && !rounding) {
      return super.resample2d(input, { mode, coordinates, sizes, scales });
    }
    if (mode === 'linear') {
      return this.addNode('resample2d', [input], () => ({ mode, ...this.#sampled(input, given) }));
    }
    const by = mode === 'cubic' ? { cubicCoefficient, excludeOutside } : { rounding: rounding ?? 'floor' };
    const make = () => ({ by, ...this.#sampled(input, given) });
    return this.addNode('resampleModes', [input], make, [], undefined, 'resample2d');
  }

  reduceMean(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceSum(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceMax(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceMin(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceProduct(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceL1(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceL2(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceSumSquare(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceLogSum(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceLogSumExp(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  argMax(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return later(input, axis, options);
  }
  argMin(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return later(input, axis, options);
  }
  override batchNormalization(
    input: Value,
    mean: Tensor,
    variance: Tensor,
    options: BatchNormalizationOptions & { axis?: number | undefined } = {},
  ): Value {
    return super.batchNormalization(input, mean, variance, options);
  }
  instanceNormalization(input: Value, options: NormalizationOptions = {}): Value {
    return later(input, options);
  }
  layerNormalization(
    input: Value,
    options: NormalizationOptions & { axes?: readonly number[] | undefined } = {},
  ): Value {
    return later(input, options);
  }
  localResponseNormalization(
    input: Value,
    options: { size: number; alpha?: number | undefined; beta?: number | undefined; bias?: number | undefined },
  ): Value {
    return later(input, options);
  }

  override finish(): Graph {
    const graph = super.finish();
    const outputs = graph.outputs.map((output) => ({ ...output, shape: this.#shapes.get(output.name) }));
    return simplifyViews({ ...graph, outputs });
  }

  /** Adds a view of `input`, whose digits are the axes of the result where no other shape is given. */
  #view(called: string, input: Value, make: (shape: Shape) => View & { readonly shape?: Shape }): Value {
    return this.addNode(
      'view',
      [input],
      () => {
        const { shape, ...view } = make(input.shape);
        return { ...view, shape: [...(shape ?? view.sizes)] as unknown as ValueShape };
      },
      [],
      undefined,
      called,
    );
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
    const isOneGiven = (sizes === undefined) !== (scales === undefined) && !(isLine && scales);
    check(isOneGiven, "option 'sizes'", sizes, isLine ? 'given with steps and offsets' : "given where 'scales' is not");
    const factors = scales && toPair(scales);
    const to = factors ? along((axis) => Math.floor(from[axis] * factors[axis])) : toPair(sizes as PairOption);
    const shape = [batch, channels, ...to] as const;
    if (isLine) return { steps: toPair(coordinates.steps), offsets: toPair(coordinates.offsets), shape };
    check(
      !isNearest || !coordinates,
      "option 'coordinates'",
      coordinates,
      "left out where 'mode' is 'nearest-neighbor'",
    );
    const isAligned = coordinates === 'align-corners';
    const steps = along((axis) => {
      const [before, after] = [from[axis], to[axis]];
      if (isAligned) return after > 1 ? (before - 1) / (after - 1) : 0;
      return factors && after !== before ? 1 / factors[axis] : before / after;
    });
    return { steps, offsets: along((axis) => (isNearest || isAligned ? 0 : (steps[axis] - 1) / 2)), shape };
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

  #sizeOf({ shape }: Value, axis: number): number {
    check(NATURAL.accepts(axis) && axis < shape.length, 'axis', axis, `one of the ${shape.length} of ${show(shape)}`);
    return shape[axis] as number;
  }
}
