import { during } from '../common/errors.ts';
import { type Kind, oneOf, optional, show } from '../common/kinds.ts';
import { sum } from '../common/numbers.ts';
import type { OptionValues } from '../common/options.ts';
import { ArithmeticGraphBuilder } from './arithmetic-builder.ts';
import {
  AVERAGE_POOL2D,
  type AveragePool2dOptions,
  CONV2D,
  type Conv2dOptions,
  mapShape,
  type PairOption,
  POOL2D,
  POSITIVE_PAIR,
  type Pool2dOptions,
  type PoolValues,
  ROUNDING,
  readOptions,
  toPair,
  toWindow,
} from './builder.ts';
import { check } from './check.ts';
import { elementsOf, type Padding, type Pair, type Tensor, type Value } from './graph.ts';
import { CONV_TRANSPOSE2D, type ConvTranspose2dOptions } from './resizing-builder.ts';
import { stridesOf, viewOf } from './view.ts';
import { along, pooled, type SizedWindow, spread } from './window.ts';

/** How a map lies: `[batch, channels, height, width]` (`nchw`, unless given), or with its channels last. */
export type Layout = 'nchw' | 'nhwc';

export interface LaidOutConv2dOptions extends Conv2dOptions {
  /** Of the input and the result. */
  inputLayout?: Layout | undefined;
  /** Of a constant filter; a checkpoint's is `oihw`. */
  filterLayout?: 'oihw' | 'hwio' | 'ohwi' | 'ihwo' | undefined;
}

export interface LaidOutConvTranspose2dOptions extends ConvTranspose2dOptions {
  /** Of the input and the result. */
  inputLayout?: Layout | undefined;
  /** Of a constant filter; a checkpoint's is `iohw`. */
  filterLayout?: 'iohw' | 'hwoi' | 'ohwi' | 'oihw' | undefined;
  /** Height and width of the result, in place of `outputPadding`. */
  outputSizes?: PairOption | undefined;
}

interface SizedPool2dOptions {
  /** `roundingType` by WebNN's newer name. */
  outputShapeRounding?: Pool2dOptions['roundingType'];
  /** Height and width of the result: each rounded down or up, whatever is said of rounding. */
  outputSizes?: PairOption | undefined;
  layout?: Layout | undefined;
}

export interface AnyPool2dOptions extends Pool2dOptions, SizedPool2dOptions {}
export interface AnyAveragePool2dOptions extends AveragePool2dOptions, SizedPool2dOptions {}

/** Permutations of a map's axes. */
const CHANNELS_FIRST = [0, 3, 1, 2];
const CHANNELS_LAST = [0, 2, 3, 1];
export const LAYOUT = [oneOf<Layout>('nchw', 'nhwc'), 'nchw'] as const;
type LayoutOption = readonly [Kind<string>, string];
const LAID_OUT_CONV2D = {
  ...CONV2D,
  inputLayout: LAYOUT,
  filterLayout: [oneOf('oihw', 'hwio', 'ohwi', 'ihwo'), 'oihw'],
} as const;
const OUTPUT_SIZES = [optional(POSITIVE_PAIR), undefined] as const;
const LAID_OUT_CONV_TRANSPOSE2D = {
  ...CONV_TRANSPOSE2D,
  inputLayout: LAYOUT,
  filterLayout: [oneOf('iohw', 'hwoi', 'ohwi', 'oihw'), 'iohw'],
  outputSizes: OUTPUT_SIZES,
} as const;
const SIZED_POOL2D = {
  outputShapeRounding: [optional(ROUNDING), undefined],
  outputSizes: OUTPUT_SIZES,
  layout: LAYOUT,
} as const;
const ANY_POOL2D = { ...POOL2D, ...SIZED_POOL2D } as const;
const ANY_AVERAGE_POOL2D = { ...AVERAGE_POOL2D, ...SIZED_POOL2D } as const;

/** The padding with which as many windows as `to` says end within the padded map: as fit into it, or one more where that is no whole number. */
function paddingTo(to: Pair, input: Pair, { size, strides, dilations, padding }: SizedWindow): Padding {
  const [bottom, right] = along((axis, name) => {
    const [before, after] = padding.slice(2 * axis) as [number, number];
    // Beyond the map and the padding before it.
    const beyond = (size[axis] - 1) * dilations[axis] + 1 - input[axis] - before;
    const most = (after - beyond) / strides[axis] + 1;
    const isRounded = Math.floor(most) === to[axis] || Math.ceil(most) === to[axis];
    check(isRounded, `output size (${name})`, to[axis], `${most}, rounded down or up`);
    return Math.max(after, (to[axis] - 1) * strides[axis] + beyond);
  });
  return [padding[0], bottom, padding[2], right];
}

/** A pool's options as the other builders have them. */
function readPool(
  area: Pair,
  { outputShapeRounding, outputSizes, layout, ...given }: OptionValues<typeof ANY_POOL2D> & PoolValues,
): PoolValues {
  const roundingType = outputShapeRounding ?? given.roundingType;
  if (outputSizes === undefined) return { ...given, roundingType };
  check(!given.countIncludePad, "option 'countIncludePad'", true, "left out where 'outputSizes' is given");
  return { ...given, padding: paddingTo(toPair(outputSizes), area, sizedWindow(area, given)), roundingType: 'floor' };
}

const sizedWindow = (area: Pair, given: PoolValues) => ({
  ...toWindow(given),
  size: toPair(given.windowDimensions ?? area),
});

/** The ops of windows, with all of WebNN's options. */
export class WindowingGraphBuilder<Outputs extends string = string> extends ArithmeticGraphBuilder<Outputs> {
  override conv2d(input: Value, filter: Tensor, options: LaidOutConv2dOptions = {}): Value {
    const laidOut = this.#filterFrom(options?.filterLayout, filter, LAID_OUT_CONV2D.filterLayout);
    return this.inLayout(options?.inputLayout, input, (map) =>
      this.addConvolution('conv2d', map, laidOut, options, LAID_OUT_CONV2D),
    );
  }

  override convTranspose2d(input: Value, filter: Tensor, options: LaidOutConvTranspose2dOptions = {}): Value {
    const laidOut = this.#filterFrom(options?.filterLayout, filter, LAID_OUT_CONV_TRANSPOSE2D.filterLayout);
    return this.inLayout(options?.inputLayout, input, (map) => {
      const outputPadding = options?.outputSizes === undefined ? undefined : this.#outputPadding(map, laidOut, options);
      const given = outputPadding ? { ...options, outputPadding } : options;
      return this.addConvolution('convTranspose2d', map, laidOut, given, LAID_OUT_CONV_TRANSPOSE2D);
    });
  }

  override averagePool2d(input: Value, options: AnyAveragePool2dOptions = {}): Value {
    return this.inLayout(options?.layout, input, (map) =>
      this.addPool('averagePool2d', map, (area) => readPool(area, readOptions(options, ANY_AVERAGE_POOL2D))),
    );
  }

  override maxPool2d(input: Value, options: AnyPool2dOptions = {}): Value {
    return this.inLayout(options?.layout, input, (map) =>
      this.addPool('maxPool2d', map, (area) => readPool(area, readOptions(options, ANY_POOL2D))),
    );
  }

  /** The root of the sum of squares over a window, as `averagePool2d` has it. */
  l2Pool2d(input: Value, options: AnyPool2dOptions = {}): Value {
    return this.inLayout(options?.layout, input, (map) => {
      const { count, given } = during(`adding l2Pool2d to '${input?.name}'`, () => {
        this.requireValue(map);
        const [, , ...area] = mapShape(map);
        const read = readPool(area, readOptions(options, ANY_POOL2D));
        const window = sizedWindow(area, read);
        const padding = paddingTo(pooled(area, window, read.roundingType), area, window);
        const given = { ...read, padding, roundingType: 'floor', countIncludePad: true } as const;
        return { count: elementsOf(window.size), given };
      });
      // Zeros count, so that the mean is of as many numbers everywhere.
      const squares = this.linear(this.mul(map, map), { alpha: count });
      return this.sqrt(this.addPool('averagePool2d', squares, () => given));
    });
  }

  /** `work` done to a map whose channels come first. */
  protected inLayout(layout: unknown, input: Value, work: (map: Value) => Value): Value {
    if (layout !== 'nhwc') return work(input);
    const turned = this.transpose(input, { permutation: CHANNELS_FIRST });
    return this.transpose(work(turned), { permutation: CHANNELS_LAST });
  }

  /** A filter in Linnet's layout. What is none of WebNN's is refused with the other options. */
  #filterFrom(layout: string | undefined, filter: Tensor, [kind, wanted]: LayoutOption): Tensor {
    if (layout === undefined || layout === wanted || !kind.accepts(layout)) return filter;
    this.requireTensor(filter, 'filter');
    const { name, values } = filter;
    check(
      values !== undefined,
      "option 'filterLayout'",
      layout,
      `'${wanted}', as '${name}' is a tensor of the checkpoint`,
    );
    const given = mapShape(filter);
    const { sizes, strides } = viewOf(given);
    const axes = [...wanted].map((axis) => layout.indexOf(axis));
    const shape = axes.map((axis) => sizes[axis] as number);
    const steps = axes.map((axis) => strides[axis] as number);
    const places = stridesOf(shape);
    const permuted = values.map((_, index) => {
      const digits = shape.map((size, axis) => Math.floor(index / (places[axis] as number)) % size);
      return values[sum(digits.map((digit, axis) => digit * (steps[axis] as number)))] as number;
    });
    return this.constant(`${name} (${layout})`, permuted, shape);
  }

  #outputPadding(map: Value, filter: Tensor, options: unknown): Pair {
    return during(`adding convTranspose2d to '${map?.name}'`, () => {
      this.requireValue(map);
      this.requireTensor(filter, 'filter');
      const { outputSizes, ...given } = readOptions(options, LAID_OUT_CONV_TRANSPOSE2D);
      const [, , ...area] = mapShape(map);
      const [, , ...size] = mapShape(filter);
      const to = toPair(outputSizes as PairOption);
      const least = spread(area, { ...toWindow(given), size }, [0, 0]);
      const fits = least.every((value, axis) => value <= (to[axis] as number));
      check(fits, "option 'outputSizes'", outputSizes, `at least ${show(least)}`);
      return along((axis) => to[axis] - least[axis]);
    });
  }
}
