import { elementsOf } from '../../../engine/graph/graph.ts';
import type { ElementType } from '../described.ts';
import { type Constant, isFloat } from '../elements.ts';
import { shorten } from '../problems.ts';
import type { AttributeProto } from './file.ts';
import type { Term } from './recorder.ts';
import { UnsupportedHere, unsupported } from './unsupported.ts';

/** A node, of the newest version of its operator. */
export interface OnnxNode {
  readonly name: string;
  readonly op: string;
  /** Empty for those that are left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, AttributeProto>;
}

const NO_ATTRIBUTE: AttributeProto = {
  name: undefined,
  f: undefined,
  i: undefined,
  s: undefined,
  t: undefined,
  floats: [],
  ints: [],
  strings: [],
  type: undefined,
  refAttrName: undefined,
};

/** Attributes that no file has. */
export const attributesOf = (
  given: Readonly<Record<string, Partial<AttributeProto>>>,
): ReadonlyMap<string, AttributeProto> =>
  new Map(Object.entries(given).map(([name, attribute]) => [name, { ...NO_ATTRIBUTE, ...attribute }]));

/** What a node reads or makes: numbers that are known now, or a value of the network with the type that the file gives it. */
export type Item = Constant | TypedTerm;
export interface TypedTerm extends Term {
  readonly type: ElementType;
  readonly quantization?: Quantization | undefined;
}

/** A value that the file holds as integers, (value / scale) + zero point, and Linnet as what these stand for. */
export interface Quantization {
  readonly scale: number;
  readonly zero: number;
}

export const isConstant = (item: Term | Constant): item is Constant => 'read' in item;

/** Numbers of shape arithmetic: an operator looks at no more of them. */
const MOST_NUMBERS = 2 ** 20;

/** A node with what it reads. */
export class Scope {
  readonly node: OnnxNode;
  readonly #items: ReadonlyMap<string, Item | 'unknown'>;
  readonly #uses: ReadonlyMap<string, number>;

  constructor(node: OnnxNode, items: ReadonlyMap<string, Item | 'unknown'>, uses: ReadonlyMap<string, number>) {
    this.node = node;
    this.#items = items;
    this.#uses = uses;
  }

  /** The name of the only result, or the first. */
  get output(): string {
    return this.node.outputs[0] ?? this.node.name;
  }

  has(index: number): boolean {
    return Boolean(this.node.inputs[index]);
  }

  /** Whether somebody reads this result. */
  gives(index: number): boolean {
    const name = this.node.outputs[index];
    return name ? this.#uses.has(name) : false;
  }

  item(index: number): Item {
    const name = this.node.inputs[index];
    if (!name) return unsupported(`its input ${index} is missing`);
    const item = this.#items.get(name);
    if (item === 'unknown') throw new UnsupportedHere();
    return item ?? unsupported(`its input ${shorten(name)} is made by no node before it`);
  }

  items(): Item[] {
    return this.node.inputs.map((_, index) => this.item(index));
  }

  /** An input that is computed, floats. */
  value(index: number): TypedTerm {
    const term = this.term(index);
    if (isFloat(term.type)) return term;
    return unsupported(`its input ${this.#named(index)} is of the type ${term.type}`);
  }

  /** An input that is computed, of any type. */
  term(index: number): TypedTerm {
    const item = this.item(index);
    return isConstant(item) ? unsupported(`its input ${this.#named(index)} is constant`) : item;
  }

  constant(index: number): Constant {
    const item = this.item(index);
    return isConstant(item) ? item : unsupported(`its input ${this.#named(index)} is not constant`);
  }

  /** The numbers of a constant input. */
  numbers(index: number): number[] {
    return this.numbersOf(this.constant(index));
  }

  numbersOf(constant: Constant): number[] {
    if (elementsOf(constant.shape) + constant.work > MOST_NUMBERS) {
      unsupported(`the constant ${shorten(constant.name)} has more than ${MOST_NUMBERS} numbers`);
    }
    return Array.from(constant.read());
  }

  /** The only number of a constant input, which may be missing if there is one instead. */
  number(index: number, byDefault?: number): number {
    if (byDefault !== undefined && !this.has(index)) return byDefault;
    const [number, ...more] = this.numbers(index);
    return number === undefined || more.length > 0
      ? unsupported(`its input ${this.#named(index)} is no single number`)
      : number;
  }

  integer(name: string, byDefault?: number): number {
    return this.#numberOf(name, 'i', byDefault);
  }

  float(name: string, byDefault?: number): number {
    return this.#numberOf(name, 'f', byDefault);
  }

  text<Text extends string>(name: string, byDefault: Text, ...others: Text[]): Text {
    const text = this.node.attributes.get(name)?.s ?? byDefault;
    const known = [byDefault, ...others].find((word) => word === text);
    return known ?? unsupported(`its attribute '${name}' is '${text.slice(0, 40)}'`);
  }

  /** Nothing where the attribute is missing. */
  integers(name: string): readonly number[] | undefined {
    return this.node.attributes.get(name)?.ints;
  }

  attribute(name: string): AttributeProto | undefined {
    return this.node.attributes.get(name);
  }

  /** An axis, counted from the first. */
  axis(axis: number, rank: number): number {
    const own = axis < 0 ? axis + rank : axis;
    return own >= 0 && own < rank ? own : unsupported(`its axis ${axis} is none of ${rank}`);
  }

  axes(axes: readonly number[], rank: number): number[] {
    const own = axes.map((axis) => this.axis(axis, rank));
    return new Set(own).size === own.length ? own : unsupported(`its axes are [${axes}], one of them twice`);
  }

  #named(index: number): string {
    return shorten(this.node.inputs[index] ?? '');
  }

  /** What writes files by the third version of protobuf leaves zeros out. */
  #numberOf(name: string, kind: 'i' | 'f', byDefault: number | undefined): number {
    const given = this.node.attributes.get(name);
    return (given ? (given[kind] ?? 0) : byDefault) ?? unsupported(`its attribute '${name}' is missing`);
  }
}
