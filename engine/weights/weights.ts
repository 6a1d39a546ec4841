import { InputError, WeightsError } from '../common/errors.ts';
import { listOf, NATURAL, OBJECT, show, tagOf } from '../common/kinds.ts';
import { elementsOf, type Shape, type Tensor } from '../graph/graph.ts';

/** Some values of a tensor, float32, from its element `start` on, row-major. */
export interface TensorPiece {
  readonly name: string;
  readonly start: number;
  readonly values: Float32Array;
}

/** Trained tensors by name. */
export interface Weights {
  /** In the order in which they are stored. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Tensors that are stored, too, but cannot be read, and what they are instead. */
  readonly unreadable?: ReadonlyMap<string, string>;
  /** The values as float32, row-major, whatever the file stores. The array may be the weights' own: only look at it. */
  read(name: string): Promise<Float32Array>;
  /**
   * There if the tensors are not held in memory: all of them, in the order of `shapes` and each from its beginning to its
   * end. Each call reads the source anew; an array is good until the next one is asked for.
   */
  flow?(signal?: AbortSignal): AsyncIterable<TensorPiece>;
}

/** The sizes of a stored tensor, which may have none, or be empty. */
export const SIZES = listOf(NATURAL, 'a list of sizes');

/** What reading a tensor throws that is not there, or is there and unreadable. */
export function noTensor(name: string, unreadable?: Weights['unreadable']): WeightsError {
  const why = unreadable?.get(name);
  return new WeightsError(why ? `Tensor '${name}' is ${why}.` : `There is no tensor '${name}'.`);
}

/** A tensor as JavaScript has it: floats in a typed array, or numbers in an ordinary one, row-major. */
interface TensorData {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/**
 * Weights from arrays in memory, row-major: floats in a typed array, or numbers in an ordinary one. Throws a `WeightsError`
 * if an array holds anything else, or not as many as its shape.
 */
export function weightsFrom(tensors: Readonly<Record<string, TensorData>>): Weights {
  if (!OBJECT.accepts(tensors)) throw new WeightsError(`The tensors are ${show(tensors)} instead of an object.`);
  const shapes = new Map<string, Shape>();
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(tensors)) {
    const { shape, data } = Object(tensor) as { shape: unknown; data: unknown };
    if (!SIZES.accepts(shape)) {
      throw new WeightsError(`Tensor '${name}' has the shape ${show(shape)} instead of ${SIZES.expected}.`);
    }
    const floats = floatsOf(name, data);
    if (floats.length !== elementsOf(shape)) {
      throw new WeightsError(
        `Tensor '${name}' has ${floats.length} values instead of ${elementsOf(shape)} for ${sizes(shape)}.`,
      );
    }
    shapes.set(name, shape);
    values.set(name, floats);
  }
  return {
    shapes,
    async read(name) {
      const found = values.get(name);
      if (!found) throw noTensor(name);
      return found;
    },
  };
}

function floatsOf(name: string, data: unknown): Float32Array {
  const kind = tagOf(data);
  if (kind === 'Float32Array') return data as Float32Array;
  // Whole numbers in a typed array may be halves or quantized: they would be other numbers than they stand for.
  const isKnown = /^(Float(16|64))?Array$/.test(kind);
  if (isKnown && (data as unknown[]).findIndex((value) => typeof value !== 'number') < 0) {
    return Float32Array.from(data as number[]);
  }
  const found = isKnown ? 'more than numbers' : `of type ${kind}`;
  throw new WeightsError(
    `The data of tensor '${name}' is ${found}; it should be a Float32Array or an array of numbers.`,
  );
}

/** Throws an `InputError` unless these are weights: arrays, a file's bytes or a promise are not. */
export function requireWeights(weights: unknown): asserts weights is Weights {
  if (typeof (weights as Weights | undefined)?.shapes?.get === 'function') return;
  throw new InputError(
    `The weights are ${tagOf(weights)} instead of what loadWeights resolves to or weightsFrom returns.`,
  );
}

/** The same tensors under other names. Throws a `WeightsError` if two get the same one. */
export function renameWeights(weights: Weights, rename: (name: string) => string): Weights {
  requireWeights(weights);
  const originals = new Map<string, string>();
  for (const original of weights.shapes.keys()) {
    const name = rename(original);
    const other = originals.get(name);
    if (other !== undefined) {
      throw new WeightsError(`The tensors '${other}' and '${original}' would both be called '${name}'.`);
    }
    originals.set(name, original);
  }
  const unreadable = new Map(Array.from(weights.unreadable ?? [], ([name, why]) => [rename(name), why]));
  const flow = weights.flow?.bind(weights);
  return {
    shapes: new Map(Array.from(originals, ([name, original]) => [name, weights.shapes.get(original) as Shape])),
    unreadable,
    async read(name) {
      const original = originals.get(name);
      if (original === undefined) throw noTensor(name, unreadable);
      return weights.read(original);
    },
    ...(flow && {
      async *flow(signal?: AbortSignal) {
        for await (const piece of flow(signal)) yield { ...piece, name: rename(piece.name) };
      },
    }),
  };
}

/**
 * Throws a `WeightsError` unless the weights are exactly the tensors that a network wants, and others only where their
 * names begin with one of `ignored`, or where they are unreadable. A dense layer's [n, k] may be stored as a convolution's [n, c, h, w] with c * h * w = k,
 * and the reverse: the numbers are the same, in the same order.
 */
export function checkWeights(weights: Weights, tensors: readonly Tensor[], ignored: readonly string[] = []): void {
  requireWeights(weights);
  const wanted = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const misshapen: string[] = [];
  const missing: string[] = [];
  const extra: string[] = [];
  for (const [name, shape] of wanted) {
    const stored = weights.shapes.get(name);
    const why = weights.unreadable?.get(name);
    if (!stored) missing.push(`'${name}' ${sizes(shape)}${why ? `, which is ${why}` : ''}`);
    else if (!sameNumbers(stored, shape)) misshapen.push(`'${name}' is ${sizes(stored)} instead of ${sizes(shape)}`);
  }
  for (const [name, shape] of weights.shapes) {
    const isKnown = wanted.has(name) || ignored.some((prefix) => name.startsWith(prefix));
    if (!isKnown) extra.push(`'${name}' ${sizes(shape)}`);
  }
  const problems = { 'of another shape': misshapen, missing, 'not in the network': extra };
  const sentences = Object.entries(problems).flatMap(([problem, found]) => {
    if (found.length === 0) return [];
    const more = found.length > LISTED ? `, and ${found.length - LISTED} more` : '';
    return [`${tensorCount(found.length)} ${problem}: ${found.slice(0, LISTED).join(', ')}${more}.`];
  });
  if (sentences.length > 0) {
    const counts = `the file holds ${weights.shapes.size} tensors, the network has ${wanted.size}`;
    throw new WeightsError(`The weights do not fit the network (${counts}). ${sentences.join(' ')}`);
  }
}

/** How many tensors a message names. */
const LISTED = 3;

const tensorCount = (count: number) => (count === 1 ? '1 tensor is' : `${count} tensors are`);
const sizes = (shape: Shape) => `[${shape.join(', ')}]`;

function sameNumbers(a: Shape, b: Shape): boolean {
  const flat = ([n, ...rest]: Shape) => [n, elementsOf(rest)].join();
  return a.join() === b.join() || (Math.min(a.length, b.length) === 2 && flat(a) === flat(b));
}
