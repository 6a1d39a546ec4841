import type { WeightsStorage } from '../../shaders/convolution.ts';
import {
  ceilDivide,
  type Extent,
  foldGrid,
  gridOf,
  type Kernel,
  namesOf,
  type ParamFields,
  type ParamValues,
  textOf,
} from '../../shaders/kernel.ts';
import type { DividedGraph } from '../graph/divide.ts';
import type { Node, Value, ValueShape } from '../graph/graph.ts';
import { type ChannelRange, rangeOf } from '../graph/join.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { Binding, Choice, KernelWeights, LoweredKernel, Storage, WeightsLayout } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import { paramsOf } from '../plan/uniforms.ts';
import { packedVectors, textureOf } from '../weights/layout.ts';
import { roomIn } from './room.ts';
import { type Tiles, tilesFor } from './tiles.ts';

/** What a kernel binds: a value, or a tensor in NCHW. */
export interface Operand<Name extends string = string> {
  readonly name: Name;
  readonly binding: Binding;
  /** Where it begins in what is bound, and how far the items of a batch are apart: in vectors, in NCHW in numbers. */
  readonly offset: number;
  readonly stride: number;
  readonly extent: Extent;
}

/** Packed weights, which are all that their binding holds. */
export interface PackedOperand<Name extends string = string> {
  readonly name: Name;
  readonly binding: Binding;
  readonly extent?: never;
}

/** The fields that say where an operand lies, and how large it is, begin with its name. */
const fieldsOf = ({ offset, stride, extent: { channels, slices, height, width, pixels } }: Operand) => ({
  Offset: offset,
  Batch: stride,
  Channels: channels,
  Slices: slices,
  Height: height,
  Width: width,
  Pixels: pixels,
});

type OperandField = keyof ReturnType<typeof fieldsOf>;

/** The operands that a shader can find anywhere: those for which it has both fields. */
type Placeable<Fields, Name extends string> = {
  [Each in Name]: `${Each}Offset` | `${Each}Batch` extends keyof Fields ? Each : never;
}[Name];

type OptionsOf<Given extends Kernel<never>> = Parameters<Given['text']>[0];
type NameOf<Given extends Kernel<never>> = keyof ReturnType<Given['bindings']> & string;

/** A dispatch, as the function that lowers a node describes it. */
interface Step<Options, Fields extends ParamFields, Name extends string> {
  /** Whose name the kernel has, and whose shape. */
  readonly node: { readonly name: string; readonly output: { readonly shape: ValueShape } };
  readonly options: Options;
  /** Those that do not follow from the operands. Those of an operand that is not bound are 0. */
  readonly params: Omit<ParamValues<Fields>, `${Name}${OperandField}`>;
  /** A value may be a part of another one, so that only a shader that reads where it lies may bind it. */
  readonly operands: readonly (Operand<Placeable<Fields, Name>> | PackedOperand<Name>)[];
  readonly output: Operand<'output'>;
  /** What the threads are counted by, where it is not the output. */
  readonly over?: Extent;
  readonly cost?: { readonly macs: number; readonly parameters: number };
}

/** Tensors by role, and the epsilon of the batch normalization among them. */
export type Trained = Pick<KernelWeights, 'tensors' | 'constants' | 'epsilon' | 'firstRow'>;

export type Channels = readonly [first: number, count: number];

/** Collects kernels, and the values and weights that they bind. */
export class Recorder {
  readonly kernels: LoweredKernel[] = [];
  readonly values: Storage[] = [];
  readonly weights: KernelWeights[] = [];
  readonly target: Target;
  readonly tiles: Tiles;
  /** Why the next kernels are those that they are. */
  choice: Choice | undefined;
  /** Vectors of memory that a node's kernels may take beside its values. */
  readonly room: ReadonlyMap<Node, number>;
  /** Whether texts are shared by layers with a residual and layers without, as some have one and texts are dear. */
  readonly sharesResiduals: boolean;
  readonly #ranges: ReadonlyMap<number, ChannelRange>;
  readonly #indices = new Map<number, number>();

  constructor(target: Target, graph: DividedGraph) {
    this.target = target;
    this.tiles = tilesFor(target.capabilities);
    this.room = roomIn(graph);
    this.sharesResiduals = this.tiles.storeLoops && graph.nodes.some((node) => 'residual' in node && node.residual);
    this.#ranges = graph.ranges;
  }

  /** Adds a dispatch; gives its index. */
  emit<Given extends Kernel<never>>(
    given: Given,
    step: Step<OptionsOf<Given>, Given['fields'], NameOf<Given>>,
  ): number {
    const kernel: Kernel<unknown> = given;
    const { node, options, params, operands, output, over = output.extent, cost = { macs: 0, parameters: 0 } } = step;
    const { kind, fields } = kernel;
    const { workgroups, folded } = foldGrid(gridOf(kernel, options, over));
    const bound: readonly (Operand | PackedOperand)[] = [...operands, output];
    const values: Record<string, number> = {};
    for (const operand of bound) {
      if (!operand.extent) continue;
      for (const [field, value] of Object.entries(fieldsOf(operand))) values[operand.name + field] = value;
    }
    const names = namesOf(kernel.bindings(options));
    const find = (wanted: string) => bound.find(({ name }) => name === wanted)?.binding;
    // In the place of a residual that is not there, its input is bound, and not read.
    const bindings = names.map(
      (name): Binding => find(name) ?? { ...(find('input') as Binding), name, channels: [0, 0] },
    );
    if (!bound.every(({ name }) => names.includes(name)) || !names.every((name) => find(name) || name === 'residual')) {
      throw new TypeError(`${kind} binds ${names}.`);
    }
    return (
      this.kernels.push({
        name: node.name,
        kind,
        shader: textOf(kernel, this.target.elementType, options, folded),
        workgroups,
        params: paramsOf(fields, { ...values, ...params }),
        bindings,
        shape: node.output.shape,
        ...cost,
        ...(this.choice && { choice: this.choice }),
      }) - 1
    );
  }

  /** Adds memory that no value of the graph names. */
  allocate(name: string, shape: ValueShape, bytes: number, isScratch = false): number {
    return this.values.push({ name, shape, bytes, isScratch }) - 1;
  }

  /** Binds a value that this kernel makes, or some of its channels. */
  write(value: Value, channels?: Channels): Operand<'output'> {
    const { whole } = rangeOf(value, this.#ranges);
    if (!this.#indices.has(whole.id)) {
      const { batch, vectors } = sizesOf(whole);
      this.#indices.set(whole.id, this.allocate(whole.name, whole.shape, batch * vectors * this.vectorBytes));
    }
    return this.read('output', value, channels);
  }

  /** Binds a value that an earlier kernel made, or some of its channels. */
  read<Name extends string>(name: Name, value: Value, channels?: Channels): Operand<Name> {
    const { whole, channel } = rangeOf(value, this.#ranges);
    const { pixels, vectors } = sizesOf(whole);
    const [first, count] = channels ?? [0, value.shape[1]];
    const part = (channels || this.isPart(value)) && { channels: [channel + first, count] as const };
    return {
      name,
      binding: { name, value: this.indexOf(value), ...part },
      offset: Math.floor((channel + first) / 4) * pixels,
      stride: vectors,
      extent: { ...sizesOf(value), channels: count, slices: ceilDivide((first % 4) + count, 4) },
    };
  }

  /** The index of the memory that holds a value, alone or with others. */
  indexOf(value: Value): number {
    return this.#indices.get(rangeOf(value, this.#ranges).whole.id) as number;
  }

  /** Whether a value is a part of another one. */
  isPart({ id }: Value): boolean {
    return this.#ranges.has(id);
  }

  get vectorBytes(): number {
    return this.target.elementType === 'float16' ? 8 : 16;
  }

  /** Binds packed weights of its own. */
  pack<Name extends string>(
    name: Name,
    label: string,
    layout: WeightsLayout,
    trained: Trained,
    where: WeightsStorage = 'buffer',
  ): PackedOperand<Name> {
    const { width, height } = textureOf(layout);
    const aside = (size: number) =>
      this.tiles.textureKinds && Number.isInteger(Math.log2(size)) ? Math.max(3, size + 1) : size;
    const texture = where === 'buffer' ? undefined : { width: aside(width), height: aside(height) };
    const weights = {
      name: label,
      bytes: packedVectors(layout) * this.vectorBytes,
      layout,
      ...trained,
      ...(texture && { texture }),
    };
    return { name, binding: { name, weights: this.weights.push(weights) - 1 } };
  }
}

/** A tensor in NCHW, of the same sizes as a value. */
export function planar<Name extends string>(name: Name, binding: Binding, value: Value): Operand<Name> {
  const extent = sizesOf(value);
  return { name, binding, offset: 0, stride: extent.channels * extent.pixels, extent };
}
