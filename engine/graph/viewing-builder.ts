import { during } from '../common/errors.ts';
import { type Kind, listOf, NATURAL, oneOf, optional, POSITIVE_INTEGER, show } from '../common/kinds.ts';
import { sum } from '../common/numbers.ts';
import { mapShape, readOptions, sameShape } from './builder.ts';
import { check, demand } from './check.ts';
import { elementsOf, type Shape, type Value, type ValueShape } from './graph.ts';
import { ResizingGraphBuilder } from './resizing-builder.ts';
import { type View, viewOf } from './view.ts';

export const NATURALS = listOf(NATURAL, 'a list of natural numbers');
export const SIZES_OF_ANY = listOf(POSITIVE_INTEGER, 'a list of positive integers');
/** Of a value. */
export const SIZES: Kind<ValueShape> = {
  expected: 'a list of at least two positive integers',
  accepts: (value): value is ValueShape => SIZES_OF_ANY.accepts(value) && value.length >= 2,
};

/** Throws unless these are some of a shape's axes. */
export function requireAxes(axes: Shape, shape: Shape): void {
  const isSet = new Set(axes).size === axes.length && axes.every((axis) => axis < shape.length);
  check(isSet, "option 'axes'", axes, `some of the ${shape.length} axes, each once`);
}

const TRANSPOSE = { permutation: [optional(NATURALS), undefined] } as const;
const SLICE = { strides: [optional(SIZES_OF_ANY), undefined] } as const;
const SPLIT = { axis: [NATURAL, 0] } as const;
const REVERSE = { axes: [optional(NATURALS), undefined] } as const;
const DEPTH_TO_SPACE = { mode: [oneOf('DCR', 'CRD'), 'DCR'] } as const;

/** The ops that bring elements to other places. */
export class ViewingGraphBuilder<Outputs extends string = string> extends ResizingGraphBuilder<Outputs> {
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
      const size = this.requireAxis(input, read.axis);
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
      requireAxes(axes, shape);
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
      this.requireAxis(first, axis);
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

  /** The size of an axis, which a value should have. */
  protected requireAxis(value: Value, axis: number): number {
    this.requireValue(value);
    const { shape } = value;
    check(NATURAL.accepts(axis) && axis < shape.length, 'axis', axis, `one of the ${shape.length} of ${show(shape)}`);
    return shape[axis] as number;
  }
}
