import { ArchitectureError } from '../../../engine/common/errors.ts';
import { sameShape } from '../../../engine/graph/builder.ts';
import { elementsOf, type Shape, type Tensor, type Value, type ValueShape } from '../../../engine/graph/graph.ts';
import { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { type Constant, toFloat32 } from '../elements.ts';
import type { LazyTensor } from '../lazy-weights.ts';
import { shorten } from '../problems.ts';
import { showShape, unsupported } from './unsupported.ts';

/** A value of the network to be, and how it is made. */
export interface Term {
  /** As the file has it: of any rank. The value's shape is of rank 2 or more, and has the same elements in the same order. */
  readonly shape: Shape;
  readonly value: Value;
  /** What rules know it by. */
  readonly op: string;
  readonly inputs: readonly Term[];
  readonly options: TermOptions;
  /** Whether more than one reads it. */
  readonly isShared: boolean;
  /** How many lead to it from the inputs, on the longest way. */
  readonly steps: number;
  make(g: GraphBuilder, ...inputs: Value[]): Value;
}

/** What rules ask of a term. */
export interface TermOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
  readonly axes?: readonly number[];
  readonly permutation?: readonly number[];
  /** The term's, where it matters to `times` and `plus`: they know nothing of it in another shape. */
  readonly shape?: Shape;
  /** The same with every element multiplied by a constant, or with one added; nothing if it is of the wrong shape. */
  times?(factor: Constant): Term | undefined;
  plus?(summand: Constant): Term | undefined;
}

/** A tensor of a graph that is built. */
export type TensorOf = (g: GraphBuilder) => Tensor;

/** Of a value: few bytes of a file can ask for any number. */
const MOST_NUMBERS = 2 ** 28;

/** The shape of a value with these elements: at least `[batch, channels]`. */
const valueShape = (shape: Shape): ValueShape => (shape.length < 2 ? [1, shape[0] ?? 1] : (shape as ValueShape));

/**
 * Takes down the calls of a builder's methods, so that those which an output needs can be repeated for each graph. A builder
 * of its own checks them, and knows the shapes.
 */
export class Recorder {
  readonly #scratch = new GraphBuilder('model');
  readonly #reshaped = new Map<string, Term>();
  readonly tensors = new Map<string, LazyTensor>();

  input(name: string, shape: Shape): Term {
    const make = (g: GraphBuilder) => g.input(name, valueShape(shape));
    return this.record('input', [], make, { shape });
  }

  /** A method's result. `shape` is what the file calls it, where that is not the value's shape. */
  record(op: string, inputs: readonly Term[], make: Term['make'], options: TermOptions = {}): Term {
    const { shape } = options;
    const value = make(this.#scratch, ...inputs.map((input) => input.value));
    if (elementsOf(value.shape) > MOST_NUMBERS) {
      throw new ArchitectureError(`A value of [${value.shape.join(', ')}] is more than a GPU holds.`);
    }
    const [same] = inputs.filter((input) => input.value === value);
    if (same) return { ...same, shape: shape ?? value.shape };
    const steps = 1 + Math.max(0, ...inputs.map((input) => input.steps));
    return { shape: shape ?? value.shape, value, op, inputs, options, isShared: false, steps, make };
  }

  /** The same elements as a value of this shape. */
  shaped(term: Term, shape: Shape): Term {
    const wanted = valueShape(shape);
    const { value } = term;
    if (sameShape(value.shape, wanted)) return { ...term, shape };
    const key = `${value.id}: ${wanted}`;
    const isFlat = value.shape.length === 4 && wanted.length === 2 && value.shape[0] === wanted[0];
    const known =
      this.#reshaped.get(key) ??
      this.record('reshape', [term], (g, x) => (isFlat ? g.flatten(x) : g.reshape(x, wanted)));
    this.#reshaped.set(key, known);
    return { ...known, shape };
  }

  /** A tensor that the weights hold: a constant, in this shape. */
  tensor({ name, shape: given, read }: Constant, shape: Shape): TensorOf {
    if (elementsOf(given) !== elementsOf(shape)) {
      unsupported(`the constant ${shorten(name)} has the shape ${showShape(given)} instead of ${showShape(shape)}`);
    }
    const known = this.tensors.get(name);
    // The same numbers may be wanted in two shapes.
    const own = !known || sameShape(known.shape, shape) ? name : `${name} [${shape.join(', ')}]`;
    this.tensors.set(own, { shape, read: () => toFloat32(read()) });
    return (g) => g.tensor(own, shape);
  }

  /**
   * Adds what these outputs need to a graph, in the order in which it was recorded; but of a sum the operand first that fewer steps
   * lead to. Files often have a block's shortcut after its branch. Before it, the branch's last convolution adds it, and the
   * block's input need not live through the branch.
   */
  replay(g: GraphBuilder, outputs: readonly { readonly name: string; readonly term: Term }[]): void {
    const made = new Map<number, Value>();
    const madeOf = ({ value }: Term) => made.get(value.id) as Value;
    const lastFirst = (a: Term, b: Term) => b.value.id - a.value.id;
    const longestFirst = (a: Term, b: Term) => b.steps - a.steps || lastFirst(a, b);
    const waiting = outputs.map(({ term }) => term).sort(lastFirst);
    for (let term = waiting.at(-1); term; term = waiting.at(-1)) {
      const { value, op, inputs, make } = term;
      const missing = made.has(value.id) ? [] : inputs.filter((input) => !made.has(input.value.id));
      if (missing.length > 0) {
        waiting.push(...missing.sort(op === 'add' ? longestFirst : lastFirst));
        continue;
      }
      if (!made.has(value.id)) made.set(value.id, make(g, ...inputs.map(madeOf)));
      waiting.pop();
    }
    for (const { name, term } of outputs) g.output(name, madeOf(term), term.shape);
  }
}
