// The oracle: every operation as plain loops over float64 in NCHW. It shares nothing with the engine but the graph's
// interface: an architecture's function is run on it instead of on a `GraphBuilder`, node by node, with nothing fused.
import type { Architecture } from '../engine/architecture.ts';
import type { GemmOptions } from '../engine/graph/arithmetic-builder.ts';
import type { BasicGraphBuilder, Conv2dOptions, PaddingOption, PairOption } from '../engine/graph/builder.ts';
import type { MapShape, Padding, Pair, Shape, Tensor, ValueShape } from '../engine/graph/graph.ts';
import type { AnyResample2dOptions, GraphBuilder } from '../engine/graph/graph-builder.ts';
import type {
  AnyAveragePool2dOptions,
  AnyPool2dOptions,
  LaidOutConv2dOptions,
  LaidOutConvTranspose2dOptions,
} from '../engine/graph/windowing-builder.ts';

/** A result with a bound, for each element, of how far a computation may be off that rounds as it is said to. */
export interface Known {
  readonly shape: ValueShape;
  readonly values: Float64Array;
  readonly errors: Float64Array;
}

export interface Rounding {
  /** A sum of n products is off by about sqrt(n) of these, times the sum of their magnitudes. */
  readonly unit: number;
  /** How far weights are from those that were given, relatively. */
  readonly weights: number;
  /** Whether values are kept in half precision. */
  readonly halves: boolean;
  /**
   * Of a convolution that is computed by transforms: how much the products of the largest input and the largest weight of
   * each channel may weigh in its error, whatever the products are that the definition has.
   */
  readonly growth?: number;
  /** What a whole network of the architectures is allowed: its output's relative L2 error. */
  readonly network: number;
}

/** By the precision that numbers are kept in; computed is in float32, whose unit in the last place of 1 is 2^-23. */
export const ROUNDING = {
  float32: { unit: 2 ** -23, weights: 0, halves: false, network: 1e-4 },
  float16: { unit: 2 ** -23, weights: 2 ** -11, halves: true, network: 2e-2 },
} as const satisfies Record<string, Rounding>;

/** However many numbers a mean is of. */
const LARGEST_OF_MEAN = 1e-5;

/** Below its smallest normal number float32 may lose everything; an exponential is bounded to stay above. */
const SMALLEST = 2 ** -125;

export function reference(
  architecture: Architecture,
  tensorOf: (name: string, shape: Shape) => Float32Array,
  inputs: Readonly<Record<string, Float32Array>>,
  rounding: Rounding = ROUNDING.float32,
): Record<string, Known> {
  const builder = new Reference(tensorOf, inputs, rounding);
  architecture.build((rounding.halves ? keptInHalves(builder) : builder) as unknown as GraphBuilder);
  return builder.outputs;
}

/** The same builder, whose results are rounded as they are kept. */
function keptInHalves(builder: Reference): Reference {
  return new Proxy(builder, {
    get: (own, method) => {
      const compute = Reflect.get(own, method) as (...operands: unknown[]) => Known | undefined;
      return (...operands: unknown[]) => {
        const result = compute.apply(own, operands);
        if (!result?.errors || operands.includes(result)) return result;
        const errors = result.errors.map((error, index) => {
          const value = result.values[index] as number;
          const isKept = error === 0 && value % halfStep(value) === 0;
          return isKept ? 0 : error + halfStep(Math.abs(value) + error);
        });
        return { ...result, errors };
      };
    },
  });
}

/** From a number to the next one that half precision has: WGSL lets it round either way, and below 2^-14 to 0. */
export const halfStep = (value: number): number =>
  Math.abs(value) < 2 ** -14 ? 2 ** -14 : 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);

interface NormalizationOptions {
  scale?: Tensor;
  bias?: Tensor;
  epsilon?: number;
}

interface ReduceOptions {
  axes?: readonly number[];
  keepDimensions?: boolean;
}

/** What an operation reads. */
type Operand = Known | Tensor;

type Interface = { [Method in keyof BasicGraphBuilder]: unknown };

const elements = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

function known(shape: ValueShape): Known {
  return { shape, values: new Float64Array(elements(shape)), errors: new Float64Array(elements(shape)) };
}

/** The places of all elements, row-major: an index along each axis. */
function placesIn(shape: Shape): number[][] {
  let places: number[][] = [[]];
  for (const size of shape) {
    places = places.flatMap((place) => Array.from({ length: size }, (_, at) => [...place, at]));
  }
  return places;
}

const indexIn = (shape: Shape, place: readonly number[]) =>
  shape.reduce((index, size, axis) => index * size + (place[axis] as number), 0);

/** Elements of `input` in another shape: for each place of the result, the one that it comes from. */
function gathered(input: Known, shape: Shape, sourceOf: (place: readonly number[]) => readonly number[]): Known {
  const sources = placesIn(shape).map((place) => indexIn(input.shape, sourceOf(place)));
  return {
    shape: shape as ValueShape,
    values: Float64Array.from(sources, (source) => input.values[source] as number),
    errors: Float64Array.from(sources, (source) => input.errors[source] as number),
  };
}

class Reference implements Omit<Interface, 'finish'> {
  readonly outputs: Record<string, Known> = {};
  readonly #tensorOf: (name: string, shape: Shape) => Float32Array;
  readonly #inputs: Readonly<Record<string, Float32Array>>;
  readonly #unit: number;
  /** Of a convolution's weights. */
  readonly #weights: number;
  readonly #growth: number;
  /** Of what is stored between the kernels of one operation. */
  readonly #half: number;

  constructor(
    tensorOf: (name: string, shape: Shape) => Float32Array,
    inputs: Readonly<Record<string, Float32Array>>,
    { unit, weights, growth = 0, halves }: Rounding,
  ) {
    this.#tensorOf = tensorOf;
    this.#inputs = inputs;
    this.#unit = unit;
    this.#weights = weights;
    this.#growth = growth;
    this.#half = halves ? 2 ** -11 : 0;
  }

  /** Of a sum of products with weights, as a part of the sum of their magnitudes. */
  #ofSum(terms: number): number {
    return 4 * Math.sqrt(terms) * this.#unit + this.#weights;
  }

  input(name: string, shape: MapShape): Known {
    return { ...known(shape), values: Float64Array.from(this.#inputs[name] as Float32Array) };
  }

  output(name: string, value: Known): void {
    this.outputs[name] = value;
  }

  tensor(name: string, shape: Shape): Tensor {
    return { name, shape };
  }

  ignore(): void {}

  constant(name: string, values: readonly number[], shape: Shape = [values.length]): Tensor {
    return { name, shape, values };
  }

  /** What `work` makes of a map whose channels come first. */
  #inLayout(input: Known, layout: string | undefined, work: (map: Known) => Known): Known {
    if (layout !== 'nhwc') return work(input);
    return this.transpose(work(this.transpose(input, { permutation: [0, 3, 1, 2] })), { permutation: [0, 2, 3, 1] });
  }

  /** A filter's axes, by their letters, as those of `wanted`. */
  #filterFrom(layout: string | undefined, filter: Tensor, wanted: string): Tensor {
    if (layout === undefined) return filter;
    const permutation = [...wanted].map((axis) => layout.indexOf(axis));
    const { shape, values } = this.transpose(this.#known(filter), { permutation });
    return { name: filter.name, shape, values: [...values] };
  }

  conv2d(input: Known, filter: Tensor, { inputLayout, filterLayout, ...options }: LaidOutConv2dOptions = {}): Known {
    const laidOut = this.#filterFrom(filterLayout, filter, 'oihw');
    return this.#inLayout(input, inputLayout, (map) => this.#conv2d(map, laidOut, options));
  }

  #conv2d(input: Known, filter: Tensor, options: Conv2dOptions): Known {
    const { groups = 1, bias } = options;
    const { strides, padding, dilations } = windowOf(options);
    const [batch, channels, height, width] = input.shape as MapShape;
    const [outChannels, groupChannels, kernelHeight, kernelWidth] = filter.shape as MapShape;
    const outHeight = steps(height + padding[0] + padding[1], kernelHeight, strides[0], dilations[0]);
    const outWidth = steps(width + padding[2] + padding[3], kernelWidth, strides[1], dilations[1]);
    const output = known([batch, outChannels, outHeight, outWidth]);
    const w = this.#read(filter);
    const b = bias && this.#read(bias);
    const terms = groupChannels * kernelHeight * kernelWidth + 1;
    const largest = (numbers: Iterable<number>) => {
      let most = 0;
      for (const number of numbers) most = Math.max(most, Math.abs(number));
      return most;
    };
    // Of an infinite input, nothing times its largest number would not be nothing.
    const grown = this.#growth && this.#growth * groupChannels * largest(input.values) * largest(w);
    let index = 0;
    for (let n = 0; n < batch; n++) {
      for (let out = 0; out < outChannels; out++) {
        const group = Math.floor(out / (outChannels / groups));
        for (let y = 0; y < outHeight; y++) {
          for (let x = 0; x < outWidth; x++, index++) {
            let sum = b ? (b[out] as number) : 0;
            let magnitude = Math.abs(sum);
            let inherited = 0;
            for (let c = 0; c < groupChannels; c++) {
              const plane = (n * channels + group * groupChannels + c) * height;
              for (let ky = 0; ky < kernelHeight; ky++) {
                const row = y * strides[0] + ky * dilations[0] - padding[0];
                if (row < 0 || row >= height) continue;
                const taps = ((out * groupChannels + c) * kernelHeight + ky) * kernelWidth;
                for (let kx = 0; kx < kernelWidth; kx++) {
                  const column = x * strides[1] + kx * dilations[1] - padding[2];
                  if (column < 0 || column >= width) continue;
                  const from = (plane + row) * width + column;
                  const weight = w[taps + kx] as number;
                  const product = (input.values[from] as number) * weight;
                  sum += product;
                  magnitude += Math.abs(product);
                  inherited += Math.abs(weight) * (input.errors[from] as number);
                }
              }
            }
            output.values[index] = sum;
            output.errors[index] = inherited + this.#ofSum(terms) * Math.max(magnitude, grown);
          }
        }
      }
    }
    return output;
  }

  convTranspose2d(
    input: Known,
    filter: Tensor,
    { inputLayout, filterLayout, ...options }: LaidOutConvTranspose2dOptions = {},
  ): Known {
    const laidOut = this.#filterFrom(filterLayout, filter, 'iohw');
    return this.#inLayout(input, inputLayout, (map) => this.#convTranspose2d(map, laidOut, options));
  }

  // Each pixel of the input is scattered over the outputs that it reaches.
  #convTranspose2d(input: Known, filter: Tensor, options: LaidOutConvTranspose2dOptions): Known {
    const { groups = 1, bias } = options;
    const outputSizes = options.outputSizes === undefined ? undefined : both(options.outputSizes);
    const { strides, padding, dilations } = windowOf(options);
    const outputPadding = both(options.outputPadding ?? 0);
    const [batch, channels, height, width] = input.shape as MapShape;
    const [, groupOutputs, kernelHeight, kernelWidth] = filter.shape as MapShape;
    const outChannels = groupOutputs * groups;
    const [top, bottom, left, right] = padding;
    const lastRow = (height - 1) * strides[0] + (kernelHeight - 1) * dilations[0];
    const lastColumn = (width - 1) * strides[1] + (kernelWidth - 1) * dilations[1];
    const outHeight = outputSizes?.[0] ?? lastRow + 1 + outputPadding[0] - top - bottom;
    const outWidth = outputSizes?.[1] ?? lastColumn + 1 + outputPadding[1] - left - right;
    const output = known([batch, outChannels, outHeight, outWidth]);
    const magnitudes = new Float64Array(output.values.length);
    const w = this.#read(filter);
    if (bias) {
      const b = this.#read(bias);
      for (let index = 0; index < output.values.length; index++) {
        const value = b[Math.floor(index / (outHeight * outWidth)) % outChannels] as number;
        output.values[index] = value;
        magnitudes[index] = Math.abs(value);
      }
    }
    let from = 0;
    for (let n = 0; n < batch; n++) {
      for (let c = 0; c < channels; c++) {
        const group = Math.floor(c / (channels / groups));
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++, from++) {
            const [value, error] = [input.values[from] as number, input.errors[from] as number];
            let tap = c * groupOutputs * kernelHeight * kernelWidth;
            for (let out = group * groupOutputs; out < (group + 1) * groupOutputs; out++) {
              for (let ky = 0; ky < kernelHeight; ky++) {
                for (let kx = 0; kx < kernelWidth; kx++, tap++) {
                  const row = y * strides[0] + ky * dilations[0] - top;
                  const column = x * strides[1] + kx * dilations[1] - left;
                  if (row < 0 || row >= outHeight || column < 0 || column >= outWidth) continue;
                  const to = ((n * outChannels + out) * outHeight + row) * outWidth + column;
                  const weight = w[tap] as number;
                  (output.values[to] as number) += value * weight;
                  (magnitudes[to] as number) += Math.abs(value * weight);
                  (output.errors[to] as number) += Math.abs(weight) * error;
                }
              }
            }
          }
        }
      }
    }
    const terms = (channels / groups) * kernelHeight * kernelWidth + 1;
    for (const [index, magnitude] of magnitudes.entries()) {
      (output.errors[index] as number) += this.#ofSum(terms) * magnitude;
    }
    return output;
  }

  gemm(a: Known, b: Operand, options: GemmOptions & { c?: Operand } = {}): Known {
    const isLayer = !('errors' in b) && Object.keys(options).every((name) => name === 'bias');
    if (isLayer) return this.#dense(a, b, options);
    const { bias, c = bias, alpha = 1, beta = 1, aTranspose = false, bTranspose = !('errors' in b) } = options;
    const second = this.#known(b);
    const product = this.matmul(aTranspose ? this.transpose(a) : a, bTranspose ? this.transpose(second) : second);
    // The product, what it is multiplied by, and both summands are stored.
    const rounding = 4 * this.#unit + 3 * this.#half;
    const scaled = each(product, (value, error) => [
      alpha * value,
      Math.abs(alpha) * (error + rounding * Math.abs(value)),
    ]);
    if (!c) return scaled;
    const addend = each(this.#known(c), (value, error) => [
      beta * value,
      Math.abs(beta) * (error + rounding * Math.abs(value)),
    ]);
    return this.#combine(scaled, addend, (x, y) => [x + y, 1, 1, 4]);
  }

  #dense(input: Known, filter: Tensor, { bias }: { bias?: Tensor | undefined }): Known {
    const [batch, features] = input.shape;
    const [outFeatures] = filter.shape as [number, number];
    const output = known([batch, outFeatures]);
    const w = this.#read(filter);
    const b = bias && this.#read(bias);
    for (let n = 0; n < batch; n++) {
      for (let out = 0; out < outFeatures; out++) {
        let sum = b ? (b[out] as number) : 0;
        let magnitude = Math.abs(sum);
        let inherited = 0;
        for (let k = 0; k < features; k++) {
          const weight = w[out * features + k] as number;
          const product = (input.values[n * features + k] as number) * weight;
          sum += product;
          magnitude += Math.abs(product);
          inherited += Math.abs(weight) * (input.errors[n * features + k] as number);
        }
        output.values[n * outFeatures + out] = sum;
        output.errors[n * outFeatures + out] = inherited + this.#ofSum(features + 1) * magnitude;
      }
    }
    return output;
  }

  batchNormalization(
    input: Known,
    meanTensor: Tensor,
    varianceTensor: Tensor,
    { axis = 1, ...options }: NormalizationOptions & { axis?: number } = {},
  ): Known {
    if (axis !== 1) {
      const permutation = input.shape.map((_, at) => (at === 1 ? axis : at === axis ? 1 : at));
      const turned = this.transpose(input, { permutation });
      return this.transpose(this.batchNormalization(turned, meanTensor, varianceTensor, options), { permutation });
    }
    const [mean, variance] = [this.#read(meanTensor), this.#read(varianceTensor)];
    const scale = options.scale && this.#read(options.scale);
    const bias = options.bias && this.#read(options.bias);
    return each(input, (value, error, channel) => {
      const factor = (scale?.[channel] ?? 1) / Math.sqrt((variance[channel] as number) + (options.epsilon ?? 1e-5));
      const shift = bias?.[channel] ?? 0;
      const offset = mean[channel] as number;
      const magnitude = (Math.abs(value) + Math.abs(offset)) * Math.abs(factor) + Math.abs(shift);
      return [
        (value - offset) * factor + shift,
        error * Math.abs(factor) + (4 * this.#unit + 2 * this.#weights) * magnitude,
      ];
    });
  }

  averagePool2d(input: Known, options: AnyAveragePool2dOptions = {}): Known {
    return this.#pool(input, options, (values, errors, padded) => {
      return average(values, errors, options.countIncludePad ? padded : values.length, this.#unit);
    });
  }

  adaptiveAveragePool2d(input: Known, sizes: PairOption): Known {
    const [outHeight, outWidth] = both(sizes);
    const [batch, channels, height, width] = input.shape as MapShape;
    const output = known([batch, channels, outHeight, outWidth]);
    let index = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++, index++) {
          const at: number[] = [];
          for (let row = Math.floor((y * height) / outHeight); row < ((y + 1) * height) / outHeight; row++) {
            for (let column = Math.floor((x * width) / outWidth); column < ((x + 1) * width) / outWidth; column++) {
              at.push((plane * height + row) * width + column);
            }
          }
          [output.values[index], output.errors[index]] = average(
            at.map((from) => input.values[from] as number),
            at.map((from) => input.errors[from] as number),
            at.length,
            this.#unit,
          );
        }
      }
    }
    return output;
  }

  maxPool2d(input: Known, options: AnyPool2dOptions = {}): Known {
    return this.#pool(input, options, (values, errors) => [Math.max(...values), Math.max(...errors)]);
  }

  l2Pool2d(input: Known, options: AnyPool2dOptions = {}): Known {
    return this.#pool(input, options, (values, errors) => {
      const result = Math.sqrt(total(values.map((value) => value ** 2)));
      const inherited = total(values.map((value, index) => Math.abs(value) * (errors[index] as number)));
      const relative = (4 * Math.sqrt(values.length) + 4) * this.#unit + 2 * this.#half;
      return [result, (result && inherited / result) + relative * result];
    });
  }

  resample2d(input: Known, options: AnyResample2dOptions = {}): Known {
    const { mode = 'nearest-neighbor', coordinates, rounding, axes = [2, 3], ...given } = options;
    if (axes.join() !== '2,3') {
      const permutation = [...[0, 1, 2, 3].filter((axis) => !axes.includes(axis)), ...axes];
      const turned = this.resample2d(this.transpose(input, { permutation }), { ...options, axes: [2, 3] });
      return this.transpose(turned, { permutation: permutation.map((_, axis) => permutation.indexOf(axis)) });
    }
    const line = typeof coordinates === 'object' ? coordinates : undefined;
    const { cubicCoefficient = -0.75, excludeOutside = false } = options;
    /** Keys' kernel, at so many pixels from the coordinate. */
    const cubic = (distance: number) => {
      const x = Math.abs(distance);
      const a = cubicCoefficient;
      if (x <= 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
      return x < 2 ? a * x ** 3 - 5 * a * x ** 2 + 8 * a * x - 4 * a : 0;
    };
    const sizes = given.sizes === undefined ? undefined : both(given.sizes);
    const scales = sizes ? undefined : both(given.scales ?? 1);
    const [batch, channels, height, width] = input.shape as MapShape;
    /** For each output along an axis the pixels that it is made of, with their shares, and its coordinate. */
    const along = (axis: 0 | 1, size: number): { at: [number, number][]; coordinate: number }[] => {
      const count = sizes?.[axis] ?? Math.floor(size * (scales?.[axis] as number));
      const step = scales ? 1 / scales[axis] : size / count;
      return Array.from({ length: count }, (_, x) => {
        const isHalfPixel = mode === 'nearest-neighbor' && coordinates === 'half-pixel';
        if (mode === 'nearest-neighbor' && (line || rounding || isHalfPixel)) {
          // Steps are ratios: what is that near to an integer, or to the middle between two, is there.
          const exact = x * (line?.steps[axis] ?? step) + (line?.offsets[axis] ?? (isHalfPixel ? (step - 1) / 2 : 0));
          const place = Math.round(exact * 2 ** 20) / 2 ** 20;
          const rounded = {
            floor: Math.floor(place),
            ceil: Math.ceil(place),
            'round-prefer-floor': Math.ceil(place - 0.5),
            'round-prefer-ceil': Math.floor(place + 0.5),
          }[rounding ?? (isHalfPixel ? 'round-prefer-floor' : 'floor')];
          return { at: [[Math.min(Math.max(rounded, 0), size - 1), 1]], coordinate: 0 };
        }
        if (mode === 'nearest-neighbor') return { at: [[nearest(x, size, count, scales?.[axis]), 1]], coordinate: 0 };
        // As PyTorch's compute_source_index_and_lambda: where the size stays, the scale does not matter.
        if (count === size && !line) return { at: [[x, 1]], coordinate: x };
        const corners = coordinates === 'align-corners';
        const byName = corners ? (count > 1 ? (x * (size - 1)) / (count - 1) : 0) : (x + 0.5) * step - 0.5;
        const place = line ? x * line.steps[axis] + line.offsets[axis] : byName;
        if (mode === 'cubic') {
          const around = [-1, 0, 1, 2].map((tap) => Math.floor(place) + tap);
          const weigh = (at: number) => (excludeOutside && (at < 0 || at >= size) ? 0 : cubic(place - at));
          const all = total(around.map(weigh));
          return {
            at: around.map((at) => [Math.min(Math.max(at, 0), size - 1), weigh(at) / all]),
            coordinate: Math.abs(place),
          };
        }
        const coordinate = Math.min(Math.max(place, 0), size - 1);
        const first = Math.floor(coordinate);
        const share = coordinate - first;
        return {
          at: [
            [first, 1 - share],
            [Math.min(first + 1, size - 1), share],
          ],
          coordinate,
        };
      });
    };
    const [rows, columns] = [along(0, height), along(1, width)];
    const output = known([batch, channels, rows.length, columns.length]);
    let index = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      const pixels = input.values.slice(plane * height * width, (plane + 1) * height * width);
      const greatest = pixels.reduce((magnitude, value) => Math.max(magnitude, Math.abs(value)), 0);
      for (const row of rows) {
        for (const column of columns) {
          for (const [y, shareY] of row.at) {
            for (const [x, shareX] of column.at) {
              const from = (plane * height + y) * width + x;
              (output.values[index] as number) += shareY * shareX * (input.values[from] as number);
              (output.errors[index] as number) += Math.abs(shareY * shareX) * (input.errors[from] as number);
            }
          }
          // A coordinate is off by some units in its last place, and what it picks by as much of two neighbours' difference.
          const shift = 4 * this.#unit * (row.coordinate + column.coordinate + 2);
          if (mode === 'linear') (output.errors[index] as number) += 2 * greatest * shift;
          // Shares of 16 pixels, which add up to some more than 1, and whose slopes are at most about 2.
          if (mode === 'cubic') (output.errors[index] as number) += 16 * greatest * (shift + 8 * this.#unit);
          index++;
        }
      }
    }
    return output;
  }

  add(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y) => [x + y, 1, 1]);
  }

  sub(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y) => [x - y, 1, 1]);
  }

  mul(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y, _, yError) => [x * y, Math.abs(y) + yError, Math.abs(x)]);
  }

  // WGSL allows a quotient an error of 2.5 units.
  div(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y, _, yError) => {
      const least = Math.max(Math.abs(y) - yError, 0);
      return [x / y, 1 / least, Math.abs(x) / least ** 2, 2.5];
    });
  }

  min(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y) => [Math.min(x, y), 1, 1, 0]);
  }

  max(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y) => [Math.max(x, y), 1, 1, 0]);
  }

  // WGSL computes exp2(y * log2(x)), of which the logarithm is off by 3 units, near 1 by 2^-21, and the power by 3 and two of its exponent.
  pow(a: Operand, b: Operand): Known {
    return this.#combine(a, b, (x, y) => {
      const log = x === 0 ? 0 : Math.log2(Math.abs(x));
      const slope = x === 0 ? 0 : Math.abs(y * x ** (y - 1));
      return [x ** y, slope, Math.abs(x ** y * log), 8 + 4 * Math.abs(y) + 8 * Math.abs(y * log)];
    });
  }

  prelu(input: Known, slope: Operand): Known {
    return this.#combine(input, slope, (x, y) => [
      x > 0 ? x : x * y,
      x > 0 ? 1 : Math.max(Math.abs(y), 1),
      Math.abs(x),
    ]);
  }

  /**
   * Of two operands, broadcast as numpy does it. `compute` gives the result, how much of each operand's error is in it, and its
   * own rounding in units of its magnitude, one unless given.
   */
  #combine(
    a: Operand,
    b: Operand,
    compute: (x: number, y: number, xError: number, yError: number) => [number, number, number, number?],
  ): Known {
    const operands = [this.#known(a), this.#known(b)];
    const rank = Math.max(...operands.map((operand) => operand.shape.length));
    const [first, second] = operands.map((operand) => {
      const shape = [...Array(rank - operand.shape.length).fill(1), ...operand.shape];
      return { ...operand, shape: shape as unknown as ValueShape };
    }) as [Known, Known];
    const shape = first.shape.map((size, axis) =>
      Math.max(size, second.shape[axis] as number),
    ) as unknown as ValueShape;
    const output = known(shape);
    for (const [index, at] of placesIn(shape).entries()) {
      const [i, j] = [broadcastIndex(first.shape, at), broadcastIndex(second.shape, at)];
      const [x, y] = [first.values[i] as number, second.values[j] as number];
      const [xError, yError] = [first.errors[i] as number, second.errors[j] as number];
      const [value, xShare, yShare, units = 1] = compute(x, y, xError, yError);
      output.values[index] = value;
      // An infinite share of no error is none.
      output.errors[index] =
        (xError && xShare * xError) + (yError && yShare * yError) + units * this.#unit * Math.abs(value);
    }
    return output;
  }

  /** Weights that are no number of the precision are rounded. */
  #known(operand: Operand): Known {
    if ('errors' in operand) return operand;
    const values = Float64Array.from(this.#read(operand));
    return {
      shape: operand.shape as ValueShape,
      values,
      errors: values.map((value) => this.#weights * Math.abs(value)),
    };
  }

  relu(input: Known): Known {
    return this.clamp(input, { minValue: 0 });
  }

  clamp(input: Known, { minValue = -Infinity, maxValue = Infinity }: { minValue?: number; maxValue?: number } = {}) {
    return each(input, (value, error) => [Math.min(Math.max(value, minValue), maxValue), error]);
  }

  hardSwish(input: Known): Known {
    return each(input, (value, error) => [
      (value * Math.min(Math.max(value + 3, 0), 6)) / 6,
      1.5 * error + 2 * this.#unit * Math.abs(value),
    ]);
  }

  hardSigmoid(input: Known, { alpha = 0.2, beta = 0.5 }: { alpha?: number; beta?: number } = {}): Known {
    return this.#apply(
      input,
      (x) => Math.min(Math.max(alpha * x + beta, 0), 1),
      () => 2,
    );
  }

  abs(input: Known): Known {
    return this.#apply(input, Math.abs, () => 0);
  }

  neg(input: Known): Known {
    return this.#apply(
      input,
      (x) => -x,
      () => 0,
    );
  }

  exp(input: Known): Known {
    return this.#apply(input, Math.exp, (x, y) => (3 + 2 * Math.abs(x)) * y);
  }

  // WGSL allows an error of 3 units, and from 1/2 to 2 of 2^-21.
  log(input: Known): Known {
    return this.#apply(input, Math.log, (x, y) => {
      if (x === 0) return 0;
      return Math.abs(x - 1) < 0.25 ? 8 * Math.abs(y) : 4 + 3 * Math.abs(y);
    });
  }

  sqrt(input: Known): Known {
    return this.#apply(input, Math.sqrt, (_, y) => 4 * y);
  }

  reciprocal(input: Known): Known {
    return this.#apply(
      input,
      (x) => 1 / x,
      (_, y) => 2.5 * Math.abs(y),
    );
  }

  sin(input: Known): Known {
    return this.#apply(input, Math.sin, (x) => 16 + 4 * Math.abs(x));
  }

  cos(input: Known): Known {
    return this.#apply(input, Math.cos, (x) => 16 + 4 * Math.abs(x));
  }

  tan(input: Known): Known {
    return this.#apply(input, Math.tan, (x, y) => (16 + 4 * Math.abs(x)) * (1 + y * y));
  }

  floor(input: Known): Known {
    return this.#apply(input, Math.floor, () => 0);
  }

  ceil(input: Known): Known {
    return this.#apply(input, Math.ceil, () => 0);
  }

  roundEven(input: Known): Known {
    return this.#apply(
      input,
      (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x)),
      () => 0,
    );
  }

  sign(input: Known): Known {
    return this.#apply(input, Math.sign, () => 0);
  }

  erf(input: Known): Known {
    return this.#apply(input, erf, () => 8);
  }

  identity(input: Known): Known {
    return input;
  }

  cast(input: Known, type: 'float32' | 'float16'): Known {
    if (type === 'float32') return input;
    return this.#apply(
      input,
      (x) => {
        const step = 2 ** (Math.max(-14, Math.floor(Math.log2(Math.abs(x)))) - 10);
        const [places, below] = [x / step, Math.floor(x / step)];
        const isTie = places - below === 0.5;
        return x === 0 ? 0 : step * (isTie ? below + (Math.abs(below) % 2) : Math.round(places));
      },
      () => 0,
    );
  }

  tanh(input: Known): Known {
    return this.#apply(input, Math.tanh, (_, y) => 16 * Math.abs(y));
  }

  softplus(input: Known): Known {
    return this.#apply(
      input,
      (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
      (x, y) => (12 + 2 * Math.min(Math.abs(x), 99)) * y,
    );
  }

  softsign(input: Known): Known {
    return this.#apply(
      input,
      (x) => x / (1 + Math.abs(x)),
      (_, y) => 4 * Math.abs(y),
    );
  }

  gelu(input: Known): Known {
    return this.#apply(
      input,
      (x) => (x * complement(-x * Math.SQRT1_2)) / 2,
      (x, y) => (12 + 2 * x * x) * Math.abs(y),
    );
  }

  silu(input: Known): Known {
    return this.#apply(
      input,
      (x) => x / (1 + Math.exp(-x)),
      (x, y) => (8 + 2 * Math.abs(x)) * Math.abs(y),
    );
  }

  elu(input: Known, { alpha = 1 }: { alpha?: number } = {}): Known {
    return this.#apply(
      input,
      (x) => (x > 0 ? x : alpha * Math.expm1(x)),
      (_, y) => 16 * Math.abs(y),
    );
  }

  leakyRelu(input: Known, { alpha = 0.01 }: { alpha?: number } = {}): Known {
    return this.#apply(
      input,
      (x) => (x > 0 ? x : alpha * x),
      (_, y) => 2 * Math.abs(y),
    );
  }

  linear(input: Known, { alpha = 1, beta = 0 }: { alpha?: number; beta?: number } = {}): Known {
    return this.#apply(
      input,
      (x) => alpha * x + beta,
      (x) => 2 * (Math.abs(alpha * x) + Math.abs(beta)),
    );
  }

  /** `f`, and how far it may be off, in units. Of an input that is off itself, what is within its error. */
  #apply(input: Known, f: (x: number) => number, rounding: (x: number, y: number) => number): Known {
    return each(input, (value, error) => {
      const result = f(value);
      const spread = error && Math.max(Math.abs(f(value - error) - result), Math.abs(f(value + error) - result));
      return [result, spread + this.#unit * rounding(value, result) + (this.#unit && SMALLEST * (1 + Math.abs(value)))];
    });
  }

  // WGSL allows exp(x) an error of 3 + 2|x| units.
  sigmoid(input: Known): Known {
    return each(input, (value, error) => {
      const result = 1 / (1 + Math.exp(-value));
      return [result, error / 4 + (6 + 2 * Math.abs(value)) * this.#unit * result + SMALLEST];
    });
  }

  softmax(input: Known, axis = 1): Known {
    const output = known(input.shape);
    // Powers and their sums are stored, but of channels.
    const half = axis === 1 ? 0 : this.#half;
    for (const { at, values, errors } of groupsOf(input, [axis])) {
      const greatest = Math.max(...values);
      const sum = total(values.map((value) => Math.exp(value - greatest)));
      const spread = greatest - Math.min(...values.filter(Number.isFinite));
      const relative =
        2 * Math.max(...errors) + (16 + 6 * spread + 4 * Math.sqrt(values.length)) * this.#unit + 4 * half;
      for (const [index, place] of at.entries()) {
        const result = Math.exp((values[index] as number) - greatest) / sum;
        output.values[place] = result;
        output.errors[place] = result * relative + SMALLEST + half / 8;
      }
    }
    return output;
  }

  reduceSum(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => this.#sum(values, errors));
  }

  reduceMean(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => {
      const [sum, error] = this.#sum(values, errors);
      return [sum / values.length, error / values.length];
    });
  }

  reduceL1(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => this.#sum(values.map(Math.abs), errors));
  }

  reduceSumSquare(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => this.#sumOfSquares(values, errors));
  }

  reduceL2(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => {
      const [sum, error] = this.#sumOfSquares(values, errors);
      const root = Math.sqrt(sum);
      const spread = error && Math.max(Math.sqrt(sum + error) - root, root - Math.sqrt(Math.max(sum - error, 0)));
      return [root, spread + (4 * this.#unit + 3 * this.#half) * root];
    });
  }

  reduceLogSum(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => {
      const [sum, error] = this.#sum(values, errors);
      return [Math.log(sum), error / (sum - error) + (4 + 3 * Math.abs(Math.log(sum))) * this.#unit];
    });
  }

  reduceLogSumExp(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => {
      const greatest = Math.max(...values);
      const sum = total(values.map((value) => Math.exp(value - greatest)));
      const result = greatest + Math.log(sum);
      const units = 16 + 2 * (greatest - Math.min(...values)) + 4 * Math.sqrt(values.length) + 4 * Math.abs(result);
      const stored = this.#half * (4 + Math.log(sum));
      return [result, 2 * Math.max(...errors) + units * this.#unit + stored];
    });
  }

  reduceProduct(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => {
      const magnitude = values.reduce((product, value) => product * Math.abs(value), 1);
      const largest = values.reduce(
        (product, value, index) => product * (Math.abs(value) + (errors[index] as number)),
        1,
      );
      const relative = values.length * this.#unit + 3 * this.#half;
      return [values.reduce((product, value) => product * value, 1), largest - magnitude + relative * largest];
    });
  }

  reduceMax(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => [Math.max(...values), Math.max(...errors)]);
  }

  reduceMin(input: Known, options?: ReduceOptions): Known {
    return this.#reduce(input, options, (values, errors) => [Math.min(...values), Math.max(...errors)]);
  }

  argMax(input: Known, axis: number, options: { keepDimensions?: boolean } = {}): Known {
    return this.#reduce(input, { ...options, axes: [axis] }, (values, errors) => {
      const first = values.indexOf(Math.max(...values));
      // Of those that may be equal any one.
      const least = (values[first] as number) - 2 * Math.max(...errors);
      const others = [...values.keys()].filter(
        (index) => index > first || (values[index] as number) < (values[first] as number),
      );
      const near = Math.max(...errors) > 0 && others.some((index) => (values[index] as number) >= least);
      return [first, near ? values.length : 0];
    });
  }

  argMin(input: Known, axis: number, options: { keepDimensions?: boolean } = {}): Known {
    return this.argMax({ ...input, values: input.values.map((value) => -value) }, axis, options);
  }

  instanceNormalization(
    input: Known,
    { layout, ...options }: NormalizationOptions & { layout?: 'nchw' | 'nhwc' } = {},
  ): Known {
    return this.#inLayout(input, layout, (map) => this.#normalizeInstances(map, options));
  }

  #normalizeInstances(input: Known, options: NormalizationOptions): Known {
    const { scale, bias, epsilon = 1e-5 } = options;
    const [s, b] = [scale && this.#read(scale), bias && this.#read(bias)];
    const axes = input.shape.map((_, axis) => axis).slice(2);
    const channels = input.shape[1];
    const pixels = elements(input.shape.slice(2));
    const channelOf = (place: number) => Math.floor(place / pixels) % channels;
    return this.#standardize(input, axes, epsilon, (place) => [s?.[channelOf(place)] ?? 1, b?.[channelOf(place)] ?? 0]);
  }

  layerNormalization(input: Known, options: NormalizationOptions & { axes?: readonly number[] } = {}): Known {
    const { scale, bias, epsilon = 1e-5, axes = input.shape.map((_, axis) => axis).slice(1) } = options;
    const [s, b] = [scale && this.#read(scale), bias && this.#read(bias)];
    const sizes = axes.map((axis) => input.shape[axis] as number);
    const places = placesIn(input.shape);
    return this.#standardize(input, axes, epsilon, (index) => {
      const place = places[index] as number[];
      const at = indexIn(
        sizes,
        axes.map((axis) => place[axis] as number),
      );
      return [s?.[at] ?? 1, b?.[at] ?? 0];
    });
  }

  #standardize(
    input: Known,
    axes: Shape,
    epsilon: number,
    affineOf: (place: number) => readonly [scale: number, bias: number],
  ): Known {
    const output = known(input.shape);
    const [unit, half] = [this.#unit, this.#half];
    for (const { at, values, errors } of groupsOf(input, axes)) {
      const [sum, sumError] = this.#sum(values, errors);
      const mean = sum / values.length;
      const meanError = sumError / values.length + half * Math.abs(mean);
      const differences = values.map((value) => value - mean);
      const off = differences.map(
        (value, index) => (errors[index] as number) + meanError + (unit + half) * Math.abs(value),
      );
      const [squares, squaresError] = this.#sumOfSquares(differences, off);
      const [variance, spread] = [squares / values.length, squaresError / values.length];
      const factor = 1 / Math.sqrt(variance + epsilon);
      const largest = 1 / Math.sqrt(Math.max(variance - spread, 0) + epsilon);
      const factorError = largest - factor + (4 * unit + half) * largest;
      for (const [index, place] of at.entries()) {
        const [scale, bias] = affineOf(place);
        const difference = differences[index] as number;
        const result = difference * factor;
        const error =
          (Math.abs(difference) + (off[index] as number)) * factorError +
          (off[index] as number) * factor +
          (unit + half) * Math.abs(result);
        output.values[place] = result * scale + bias;
        output.errors[place] =
          Math.abs(scale) * error + (4 * unit + half + 2 * this.#weights) * (Math.abs(result * scale) + Math.abs(bias));
      }
    }
    return output;
  }

  localResponseNormalization(
    input: Known,
    { size, alpha = 1e-4, beta = 0.75, bias = 1 }: { size: number; alpha?: number; beta?: number; bias?: number },
  ): Known {
    const [, channels, ...area] = input.shape;
    const pixels = elements(area);
    return each(input, (value, error, channel, index) => {
      let [sum, sumError] = [0, 0];
      for (let other = channel - Math.floor((size - 1) / 2); other <= channel + Math.ceil((size - 1) / 2); other++) {
        if (other < 0 || other >= channels) continue;
        const place = index + (other - channel) * pixels;
        const [x, e] = [input.values[place] as number, input.errors[place] as number];
        sum += x * x;
        sumError += 2 * Math.abs(x) * e + e * e;
      }
      const base = bias + (alpha / size) * sum;
      const factor = base ** -beta;
      const relative =
        (beta * (alpha / size) * sumError) / base + (24 + 8 * Math.abs(beta * Math.log2(base))) * this.#unit;
      return [value * factor, (error + (Math.abs(value) + error) * relative) * factor];
    });
  }

  matmul(a: Known, b: Operand): Known {
    const second = this.#known(b);
    const [m, k] = a.shape;
    const n = second.shape[1];
    const output = known([m, n]);
    for (let row = 0; row < m; row++) {
      for (let column = 0; column < n; column++) {
        let [sum, magnitude, inherited] = [0, 0, 0];
        for (let i = 0; i < k; i++) {
          const [x, y] = [row * k + i, i * n + column];
          const product = (a.values[x] as number) * (second.values[y] as number);
          sum += product;
          magnitude += Math.abs(product);
          const [xError, yError] = [a.errors[x] as number, second.errors[y] as number];
          inherited +=
            Math.abs(second.values[y] as number) * xError + (Math.abs(a.values[x] as number) + xError) * yError;
        }
        output.values[row * n + column] = sum;
        output.errors[row * n + column] = inherited + this.#ofSum(k) * magnitude;
      }
    }
    return output;
  }

  #sum(values: readonly number[], errors: readonly number[]): [sum: number, error: number] {
    const magnitude = total(values.map(Math.abs));
    const relative = Math.min(4 * Math.sqrt(values.length) * this.#unit, LARGEST_OF_MEAN);
    // Sums along one axis after another are stored.
    return [total(values), total(errors) + (relative + 3 * this.#half) * magnitude];
  }

  #sumOfSquares(values: readonly number[], errors: readonly number[]): [sum: number, error: number] {
    const squares = values.map((value) => value * value);
    return this.#sum(
      squares,
      errors.map((error, index) => (2 * Math.abs(values[index] as number) + error) * error),
    );
  }

  #reduce(
    input: Known,
    { axes = input.shape.map((_, axis) => axis), keepDimensions = false }: ReduceOptions = {},
    compute: (values: number[], errors: number[]) => [value: number, error: number],
  ): Known {
    const kept = input.shape.filter((_, axis) => !axes.includes(axis));
    while (kept.length < 2) kept.unshift(1);
    const shape = keepDimensions ? input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) : kept;
    const output = known(shape as unknown as ValueShape);
    for (const [index, { values, errors }] of groupsOf(input, axes).entries()) {
      [output.values[index], output.errors[index]] = compute(values, errors);
    }
    return output;
  }

  pad(
    input: Known,
    padding: PaddingOption | Shape,
    ending?: Shape,
    { mode = 'constant', value = 0 }: { mode?: string; value?: number } = {},
  ): Known {
    const [top, bottom, left, right] = ending ? [] : allSides(padding as PaddingOption);
    const before = ending ? (padding as Shape) : [0, 0, top as number, left as number];
    const after = ending ?? [0, 0, bottom as number, right as number];
    const shape = input.shape.map((size, axis) => (before[axis] as number) + size + (after[axis] as number));
    const output = known(shape as unknown as ValueShape);
    for (const [index, place] of placesIn(shape).entries()) {
      const at = place.map((there, axis) => there - (before[axis] as number));
      const source = at.map((there, axis) => {
        const last = (input.shape[axis] as number) - 1;
        if (mode !== 'reflection') return Math.min(Math.max(there, 0), last);
        return there < 0 ? -there : there > last ? last - (there - last) : there;
      });
      const isAround = mode === 'constant' && source.some((there, axis) => there !== at[axis]);
      output.values[index] = isAround ? value : (input.values[indexIn(input.shape, source)] as number);
      output.errors[index] = isAround ? 0 : (input.errors[indexIn(input.shape, source)] as number);
    }
    return output;
  }

  concat(inputs: readonly Known[], axis = 1): Known {
    const [first] = inputs as [Known];
    const starts = inputs.map((_, index) => total(inputs.slice(0, index).map(({ shape }) => shape[axis] as number)));
    const size = total(inputs.map(({ shape }) => shape[axis] as number));
    const shape = first.shape.map((other, at) => (at === axis ? size : other)) as unknown as ValueShape;
    const output = known(shape);
    for (const [index, place] of placesIn(shape).entries()) {
      const which = starts.findLastIndex((start) => (place[axis] as number) >= start);
      const { shape: from, values, errors } = inputs[which] as Known;
      const source = indexIn(
        from,
        place.map((at, other) => (other === axis ? at - (starts[which] as number) : at)),
      );
      output.values[index] = values[source] as number;
      output.errors[index] = errors[source] as number;
    }
    return output;
  }

  reshape(input: Known, newShape: ValueShape): Known {
    return { ...input, shape: newShape };
  }

  flatten(input: Known): Known {
    return this.reshape(input, [input.shape[0], elements(input.shape.slice(1))]);
  }

  transpose(input: Known, options: { permutation?: readonly number[] } = {}): Known {
    const { permutation = input.shape.map((_, axis) => axis).reverse() } = options;
    const shape = permutation.map((axis) => input.shape[axis] as number);
    return gathered(input, shape, (place) => input.shape.map((_, axis) => place[permutation.indexOf(axis)] as number));
  }

  slice(input: Known, starts: Shape, sizes: Shape, options: { strides?: Shape } = {}): Known {
    const { strides = starts.map(() => 1) } = options;
    const shape = sizes.map((size, axis) => Math.ceil(size / (strides[axis] as number)));
    return gathered(input, shape, (place) =>
      place.map((at, axis) => (starts[axis] as number) + at * (strides[axis] as number)),
    );
  }

  split(input: Known, splits: number | readonly number[], { axis = 0 }: { axis?: number } = {}): Known[] {
    const size = input.shape[axis] as number;
    const sizes = typeof splits === 'number' ? Array<number>(splits).fill(size / splits) : splits;
    return sizes.map((count, index) => {
      const start = total(sizes.slice(0, index));
      const shape = input.shape.map((other, at) => (at === axis ? count : other));
      return gathered(input, shape, (place) => place.map((at, other) => (other === axis ? at + start : at)));
    });
  }

  expand(input: Known, newShape: Shape): Known {
    const more = newShape.length - input.shape.length;
    return gathered(input, newShape, (place) =>
      place.slice(more).map((at, axis) => at % (input.shape[axis] as number)),
    );
  }

  tile(input: Known, repetitions: Shape): Known {
    const shape = input.shape.map((size, axis) => size * (repetitions[axis] as number));
    return gathered(input, shape, (place) => place.map((at, axis) => at % (input.shape[axis] as number)));
  }

  reverse(input: Known, options: { axes?: readonly number[] } = {}): Known {
    const { axes = input.shape.map((_, axis) => axis) } = options;
    return gathered(input, input.shape, (place) =>
      place.map((at, axis) => (axes.includes(axis) ? (input.shape[axis] as number) - 1 - at : at)),
    );
  }

  // As ONNX writes it.
  depthToSpace(input: Known, block: number, { mode = 'DCR' }: { mode?: 'DCR' | 'CRD' } = {}): Known {
    const [batch, channels, height, width] = input.shape as MapShape;
    const depth = channels / block ** 2;
    const [apart, permutation] =
      mode === 'DCR'
        ? ([
            [batch, block, block, depth, height, width],
            [0, 3, 4, 1, 5, 2],
          ] as const)
        : ([
            [batch, depth, block, block, height, width],
            [0, 1, 4, 2, 5, 3],
          ] as const);
    const blocks = this.transpose(this.reshape(input, apart), { permutation });
    return this.reshape(blocks, [batch, depth, height * block, width * block]);
  }

  spaceToDepth(input: Known, block: number): Known {
    const [batch, channels, height, width] = input.shape as MapShape;
    const apart = this.reshape(input, [batch, channels, height / block, block, width / block, block]);
    const blocks = this.transpose(apart, { permutation: [0, 3, 5, 1, 2, 4] });
    return this.reshape(blocks, [batch, channels * block ** 2, height / block, width / block]);
  }

  #read({ name, shape, values }: Tensor): Float32Array {
    return values ? Float32Array.from(values) : this.#tensorOf(name, shape);
  }

  /** `reduce` gets what lies in a window, and how much of the window is the map or its padding. */
  #pool(
    input: Known,
    { layout, ...options }: AnyPool2dOptions,
    reduce: (values: number[], errors: number[], padded: number) => [number, number],
  ): Known {
    return this.#inLayout(input, layout, (map) => this.#poolMap(map, options, reduce));
  }

  #poolMap(
    input: Known,
    options: AnyPool2dOptions,
    reduce: (values: number[], errors: number[], padded: number) => [number, number],
  ): Known {
    const [batch, channels, height, width] = input.shape as MapShape;
    const { windowDimensions = [height, width], outputShapeRounding, outputSizes } = options;
    const roundingType = outputShapeRounding ?? options.roundingType;
    const window = both(windowDimensions);
    const { strides, padding, dilations } = windowOf(options);
    const count = (axis: 0 | 1, size: number, before: number, after: number) => {
      let windows = steps(before + size + after, window[axis], strides[axis], dilations[axis]);
      const end = (windows - 1) * strides[axis] + (window[axis] - 1) * dilations[axis] + 1;
      if (roundingType === 'ceil' && end < before + size + after && windows * strides[axis] < before + size) windows++;
      return windows;
    };
    const counts = [count(0, height, padding[0], padding[1]), count(1, width, padding[2], padding[3])] as const;
    const [outHeight, outWidth] = outputSizes === undefined ? counts : both(outputSizes);
    const output = known([batch, channels, outHeight, outWidth]);
    let index = 0;
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let y = 0; y < outHeight; y++) {
        for (let x = 0; x < outWidth; x++, index++) {
          const values: number[] = [];
          const errors: number[] = [];
          let padded = 0;
          for (let ky = 0; ky < window[0]; ky++) {
            for (let kx = 0; kx < window[1]; kx++) {
              const row = y * strides[0] + ky * dilations[0] - padding[0];
              const column = x * strides[1] + kx * dilations[1] - padding[2];
              if (row < height + padding[1] && column < width + padding[3]) padded++;
              if (row < 0 || row >= height || column < 0 || column >= width) continue;
              values.push(input.values[(plane * height + row) * width + column] as number);
              errors.push(input.errors[(plane * height + row) * width + column] as number);
            }
          }
          [output.values[index], output.errors[index]] = reduce(values, errors, padded);
        }
      }
    }
    return output;
  }
}

const both = (given: PairOption): Pair => (typeof given === 'number' ? [given, given] : given);
const allSides = (given: PaddingOption): Padding => (typeof given === 'number' ? [given, given, given, given] : given);

function windowOf(options: Pick<Conv2dOptions, 'strides' | 'padding' | 'dilations'>) {
  const { strides = 1, padding = 0, dilations = 1 } = options;
  return { strides: both(strides), padding: allSides(padding), dilations: both(dilations) };
}

/** PyTorch's nearest_idx (ATen/native/UpSample.h), which multiplies in float32. */
export function nearest(x: number, inputSize: number, outputSize: number, scale?: number): number {
  if (outputSize === inputSize) return x;
  if (outputSize === 2 * inputSize) return x >> 1;
  const step = Math.fround(scale === undefined ? inputSize / outputSize : 1 / scale);
  return Math.min(Math.floor(Math.fround(x * step)), inputSize - 1);
}

function average(
  values: readonly number[],
  errors: readonly number[],
  count: number,
  unit: number,
): [mean: number, error: number] {
  const magnitude = total(values.map(Math.abs)) / count;
  const relative = Math.min(4 * Math.sqrt(count + 1) * unit, LARGEST_OF_MEAN);
  return [total(values) / count, total(errors) / count + relative * magnitude];
}

/** By a series whose terms are all positive. */
function erf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, sum] = [x, 0];
  for (let n = 1; Math.abs(term) > 1e-18; n++) {
    sum += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 - erf(x), where that is small by the continued fraction. */
function complement(x: number): number {
  if (x < 2) return 1 - erf(x);
  let fraction = x;
  for (let n = 80; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** Elements that differ in nothing but their places along some axes, and where they are. */
function groupsOf(input: Known, axes: Shape): { at: number[]; values: number[]; errors: number[] }[] {
  const groups = new Map<string, { at: number[]; values: number[]; errors: number[] }>();
  for (const [place, index] of placesIn(input.shape).entries()) {
    const key = index.filter((_, axis) => !axes.includes(axis)).join();
    const group = groups.get(key) ?? { at: [], values: [], errors: [] };
    groups.set(key, group);
    group.at.push(place);
    group.values.push(input.values[place] as number);
    group.errors.push(input.errors[place] as number);
  }
  return [...groups.values()];
}

/** Where an element of a larger shape lies in one that has 1 in the place of some of its sizes. */
const broadcastIndex = (shape: Shape, place: readonly number[]) =>
  indexIn(
    shape,
    place.map((at, axis) => (shape[axis] === 1 ? 0 : at)),
  );

const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

/** How often a window fits when it steps along `size`. */
function steps(size: number, window: number, stride: number, dilation: number): number {
  let count = 0;
  while (count * stride + (window - 1) * dilation < size) count++;
  return count;
}

function each(
  input: Known,
  compute: (value: number, error: number, channel: number, index: number) => [value: number, error: number],
): Known {
  const [, channels, ...area] = input.shape;
  const output = known(input.shape);
  for (let index = 0; index < input.values.length; index++) {
    const channel = Math.floor(index / elements(area)) % channels;
    const result = compute(input.values[index] as number, input.errors[index] as number, channel, index);
    [output.values[index], output.errors[index]] = result;
  }
  return output;
}
