import type { WeightsStorage } from '../../shaders/convolution.ts';
import {
  type ACTIVATION_FIELDS,
  type Activation,
  type ElementType,
  foldGrid,
  type Grid,
  type ParamFields,
  type ParamValues,
  type ShaderOptions,
  type StorageName,
} from '../../shaders/interface.ts';
import { ceilDivide } from '../common/numbers.ts';
import { FLOAT_MAX, type FusedActivation, IDENTITY, type Value, type ValueShape } from '../graph/graph.ts';
import type { ChannelRange } from '../graph/join.ts';
import type { Binding, Kernel, KernelWeights, Storage, WeightsLayout } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import { paramsOf } from '../plan/uniforms.ts';
import { blocksOf, packedVectors } from '../weights/pack.ts';
import { type Tiles, tilesFor } from './tiles.ts';

/** What a kernel binds: a value, or a tensor in NCHW. */
export interface Operand<Name extends StorageName = StorageName> {
  readonly name: Name;
  readonly binding: Binding;
  /** Where it begins in what is bound, and how far the items of a batch are apart: in vectors, in NCHW in numbers. */
  readonly offset: number;
  readonly batch: number;
}

/** Packed weights, which are all that their binding holds. */
export interface PackedOperand {
  readonly name: StorageName;
  readonly binding: Binding;
  readonly offset?: never;
  readonly batch?: never;
}

/** The fields that say where an operand lies. Those of an operand that is not bound are 0. */
type PlaceField = `${StorageName}${'Offset' | 'Batch'}`;

/** The operands that a shader can find anywhere: those for which it has both fields. */
type Placeable<Fields> = {
  [Name in StorageName]: `${Name}Offset` | `${Name}Batch` extends keyof Fields ? Name : never;
}[StorageName];

/** A dispatch, as the function that lowers a node describes it. */
export interface Step<Options extends ShaderOptions, Fields extends ParamFields> {
  /** Whose name the kernel has, and whose shape. */
  readonly node: { readonly name: string; readonly output: Value };
  /** The shader's file. */
  readonly kind: string;
  readonly shader: (options: Options) => string;
  readonly options: NoInfer<Options>;
  readonly fields: Fields;
  /** Without the places of the operands, which follow from these. */
  readonly params: Omit<ParamValues<Fields>, PlaceField>;
  /** As many as there are, however few a device allows in one direction. */
  readonly workgroups: Grid;
  /** A value may be a part of another one, so that only a shader that reads where it lies may bind it. */
  readonly operands: readonly (Operand<Placeable<Fields>> | PackedOperand)[];
  readonly cost?: { readonly macs: number; readonly parameters: number };
}

/** Tensors by role, and the epsilon of the batch normalization among them. */
export type Trained = Pick<KernelWeights, 'tensors' | 'constants' | 'epsilon'>;

export type Channels = readonly [first: number, count: number];

/** The `maxTextureDimension2D` of compatibility mode. */
const MAX_TEXTURE_SIZE = 4096;

/** Collects kernels, and the values and weights that they bind. */
export class Lowering {
  readonly kernels: Kernel[] = [];
  readonly values: Storage[] = [];
  readonly weights: KernelWeights[] = [];
  readonly type: ElementType;
  readonly tiles: Tiles;
  /** The most bytes that one binding of weights spans. */
  readonly bindingBytes: number;
  readonly #ranges: ReadonlyMap<number, ChannelRange>;
  readonly #indices = new Map<number, number>();
  // Layers of one kind share their text; writing it takes longer than all the rest of lowering.
  readonly #texts = new Map<string, string>();

  constructor({ elementType, capabilities }: Target, ranges: ReadonlyMap<number, ChannelRange>) {
    this.type = elementType;
    this.tiles = tilesFor(capabilities);
    this.bindingBytes = Math.min(capabilities.maxStorageBufferBindingSize, capabilities.maxBufferSize);
    this.#ranges = ranges;
  }

  /** Adds a dispatch; gives its index. */
  emit<Options extends ShaderOptions, Fields extends ParamFields>(step: Step<Options, Fields>): number {
    const { node, kind, fields, params, operands, cost = { macs: 0, parameters: 0 } } = step;
    const { workgroups, folded } = foldGrid(step.workgroups);
    const options = { ...step.options, ...(folded && { grid: folded }) };
    const key = `${kind} ${step.shader.name} ${JSON.stringify(options)}`;
    const shader = this.#texts.get(key) ?? step.shader(options);
    this.#texts.set(key, shader);
    const values: Record<string, number> = { ...params };
    for (const { name, offset = 0, batch = 0 } of operands) {
      values[`${name}Offset`] = offset;
      values[`${name}Batch`] = batch;
    }
    const kernel = {
      name: node.name,
      kind,
      shader,
      workgroups,
      params: paramsOf(fields, values),
      bindings: operands.map(({ binding }) => binding),
      shape: node.output.shape,
      ...cost,
    };
    return this.kernels.push(kernel) - 1;
  }

  /** Adds memory that no value of the graph names. */
  allocate(name: string, shape: ValueShape, bytes: number): number {
    return this.values.push({ name, shape, bytes }) - 1;
  }

  /** Binds a value that this kernel makes, or some of its channels. */
  write(value: Value, channels?: Channels): Operand<'output'> {
    const { whole } = this.#placeOf(value);
    if (!this.#indices.has(whole.id)) {
      const { batch, vectors } = sizesOf(whole);
      this.#indices.set(whole.id, this.allocate(whole.name, whole.shape, batch * vectors * this.vectorBytes));
    }
    return this.read('output', value, channels);
  }

  /** Binds a value that an earlier kernel made, or some of its channels. */
  read<Name extends StorageName>(name: Name, value: Value, channels?: Channels): Operand<Name> {
    const { whole, channel } = this.#placeOf(value);
    const { pixels, vectors } = sizesOf(whole);
    const [first, count] = channels ?? [0, value.shape[1]];
    const part = (channels || this.isPart(value)) && { channels: [channel + first, count] as const };
    return {
      name,
      binding: { name, value: this.indexOf(value), ...part },
      offset: Math.floor((channel + first) / 4) * pixels,
      batch: vectors,
    };
  }

  /** The index of the memory that holds a value, alone or with others. */
  indexOf(value: Value): number {
    return this.#indices.get(this.#placeOf(value).whole.id) as number;
  }

  /** Whether a value is a part of another one. */
  isPart({ id }: Value): boolean {
    return this.#ranges.has(id);
  }

  get vectorBytes(): number {
    return this.type === 'float16' ? 8 : 16;
  }

  #placeOf(value: Value): ChannelRange {
    return this.#ranges.get(value.id) ?? { whole: value, channel: 0 };
  }

  /** Binds packed weights of its own. */
  pack(
    name: string,
    layout: WeightsLayout,
    trained: Trained,
    { where = 'buffer', as = 'weights' }: { where?: WeightsStorage; as?: StorageName } = {},
  ): PackedOperand {
    const vectors = packedVectors(layout);
    const height = blocksOf(layout);
    const weights = {
      name,
      bytes: vectors * this.vectorBytes,
      layout,
      ...trained,
      ...(where === 'texture' && { texture: { width: vectors / height, height } }),
    };
    return { name: as, binding: { name: as, weights: this.weights.push(weights) - 1 } };
  }

  /** Where the weights of a convolution lie best: on some GPUs in a texture, if it is not too large for one. */
  storageFor(layout: WeightsLayout): WeightsStorage {
    const height = blocksOf(layout);
    const fits = Math.max(height, packedVectors(layout) / height) <= MAX_TEXTURE_SIZE;
    return this.tiles.weightTextures && fits ? 'texture' : 'buffer';
  }
}

/** A value's sizes as kernels see them; `[n, c]` is a map of one pixel. */
export function sizesOf({ shape: [batch, channels, height = 1, width = 1] }: Value) {
  const slices = ceilDivide(channels, 4);
  const pixels = height * width;
  return { batch, channels, height, width, slices, pixels, vectors: slices * pixels };
}

export type Sizes = ReturnType<typeof sizesOf>;

/** The fields of a kernel that makes a map from another one. */
export const areaParams = (from: Sizes, result: Sizes) => ({
  inputHeight: from.height,
  inputWidth: from.width,
  outputHeight: result.height,
  outputWidth: result.width,
});

/** Which of the shaders' two activations it is. */
export function shaderActivation({ kind }: FusedActivation = IDENTITY): Activation {
  return kind === 'sigmoid' ? 'sigmoid' : 'piecewise';
}

/** An activation's numbers; see `activate` in `shaders/interface.ts`. */
export function activationParams(activation: FusedActivation = IDENTITY): ParamValues<typeof ACTIVATION_FIELDS> {
  const { minValue, maxValue } = activation.kind === 'clamp' ? activation : IDENTITY;
  const line = { minValue: unbounded(minValue), maxValue: unbounded(maxValue), leastGate: 1 };
  if (activation.kind === 'hardSwish') return { ...line, leastGate: 0 };
  if (activation.kind === 'hardSigmoid') return { minValue: 1, maxValue: 1, leastGate: 0 };
  return line;
}

/** A bound that no finite float exceeds as the number, which JSON can carry, that is an infinity in the uniform block. */
const unbounded = (bound: number) => (Math.abs(bound) < FLOAT_MAX ? bound : Math.sign(bound) * Number.MAX_VALUE);
