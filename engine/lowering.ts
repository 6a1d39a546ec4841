import type { WeightsStorage } from '../shaders/convolution.ts';
import type {
  ACTIVATION_FIELDS,
  Activation,
  ElementType,
  ParamFields,
  ParamValues,
  StorageName,
} from '../shaders/interface.ts';
import { type FusedActivation, IDENTITY, type Shape, type Value } from './graph.ts';
import type { Part } from './join.ts';
import { blocksOf, packedVectors } from './pack.ts';
import { paramsOf } from './params.ts';
import type { Binding, PlannedKernel, PlannedWeights, WeightsLayout } from './plan.ts';
import type { Tiles } from './tiles.ts';

/** A dispatch, as the function that lowers a node describes it. */
export interface Step<Options extends object, Fields extends ParamFields> {
  /** Whose name the kernel has, and whose shape. */
  readonly node: { readonly name: string; readonly output: Value };
  /** The shader's file. */
  readonly kind: string;
  readonly shader: (options: Options) => string;
  readonly options: NoInfer<Options>;
  readonly fields: Fields;
  readonly params: ParamValues<Fields>;
  readonly workgroups: readonly [number, number, number];
  readonly bindings: readonly Binding[];
  readonly cost?: { readonly macs: number; readonly parameters: number };
}

/** Packed weights without a place; those for a texture have its size. */
export interface LoweredWeights extends Omit<PlannedWeights, 'home'> {
  readonly texture?: { readonly width: number; readonly height: number };
}

/** Tensors by role, and the epsilon of the batch normalization among them. */
export type Trained = Pick<PlannedWeights, 'tensors' | 'constants' | 'epsilon'>;

/** The `maxTextureDimension2D` of compatibility mode. */
const MAX_TEXTURE_SIZE = 4096;

/** Collects kernels, and the values and weights that they bind. */
export class Lowering {
  readonly kernels: Omit<PlannedKernel, 'bytesRead' | 'bytesWritten'>[] = [];
  readonly values: { readonly name: string; readonly shape: Shape; readonly bytes: number }[] = [];
  readonly weights: LoweredWeights[] = [];
  readonly type: ElementType;
  readonly tiles: Tiles;
  /** The most bytes that one binding of weights spans. */
  readonly bindingBytes: number;
  readonly #parts: ReadonlyMap<number, Part>;
  readonly #indices = new Map<number, number>();
  // Layers of one kind share their text; writing it takes longer than all the rest of lowering.
  readonly #texts = new Map<string, string>();

  constructor(
    type: ElementType,
    { tiles, bindingBytes, parts }: { tiles: Tiles; bindingBytes: number; parts: ReadonlyMap<number, Part> },
  ) {
    this.type = type;
    this.tiles = tiles;
    this.bindingBytes = bindingBytes;
    this.#parts = parts;
  }

  /** Adds a dispatch; gives its index. */
  emit<Options extends object, Fields extends ParamFields>(step: Step<Options, Fields>): number {
    const { node, kind, options, fields, params, workgroups, bindings, cost = { macs: 0, parameters: 0 } } = step;
    const key = `${kind} ${step.shader.name} ${JSON.stringify(options)}`;
    const shader = this.#texts.get(key) ?? step.shader(options);
    this.#texts.set(key, shader);
    const block = paramsOf(fields, params);
    const { name, output } = node;
    return (
      this.kernels.push({ name, kind, shader, workgroups, params: block, bindings, shape: output.shape, ...cost }) - 1
    );
  }

  /** Adds memory that no value of the graph names. */
  allocate(name: string, shape: Shape, bytes: number): number {
    return this.values.push({ name, shape, bytes }) - 1;
  }

  /** Binds a value that this kernel makes, or some of its channels. */
  write(value: Value, channels?: readonly [first: number, count: number]): Binding {
    const { whole } = this.#placeOf(value);
    if (!this.#indices.has(whole.id)) {
      const { batch, vectors } = sizesOf(whole);
      this.#indices.set(whole.id, this.allocate(whole.name, whole.shape, batch * vectors * this.vectorBytes));
    }
    return this.#bind('output', value, channels);
  }

  /** Binds a value that an earlier kernel made. */
  read(name: StorageName, value: Value): Binding {
    return this.#bind(name, value);
  }

  /** The index of the memory that holds a value, alone or with others. */
  indexOf(value: Value): number {
    return this.#indices.get(this.#placeOf(value).whole.id) as number;
  }

  /** Whether a value is a part of another one. */
  isPart({ id }: Value): boolean {
    return this.#parts.has(id);
  }

  /** Where a value begins in its memory, and how far its items are apart, in vectors. */
  layoutOf(value: Value): { offset: number; batch: number } {
    const { whole, channel } = this.#placeOf(value);
    const { pixels, vectors } = sizesOf(whole);
    return { offset: (channel / 4) * pixels, batch: vectors };
  }

  /** Where a kernel finds the items of a batch in its input and its output. */
  flow(from: Value, to: Value) {
    const [input, output] = [this.layoutOf(from), this.layoutOf(to)];
    return {
      inputOffset: input.offset,
      inputBatch: input.batch,
      outputOffset: output.offset,
      outputBatch: output.batch,
    };
  }

  /** The same for what is added to the result, if anything is. */
  residualFlow(residual: Value | undefined) {
    const { offset, batch } = residual ? this.layoutOf(residual) : { offset: 0, batch: 0 };
    return { residualOffset: offset, residualBatch: batch };
  }

  get vectorBytes(): number {
    return this.type === 'f16' ? 8 : 16;
  }

  #placeOf(value: Value): Part {
    return this.#parts.get(value.id) ?? { whole: value, channel: 0 };
  }

  #bind(name: StorageName, value: Value, channels?: readonly [first: number, count: number]): Binding {
    const index = this.indexOf(value);
    if (!channels && !this.isPart(value)) return { name, value: index };
    const [first, count] = channels ?? [0, value.shape[1] as number];
    return { name, value: index, channels: [this.#placeOf(value).channel + first, count] };
  }

  /** Binds packed weights of its own. */
  pack(name: string, layout: WeightsLayout, trained: Trained, where: WeightsStorage = 'buffer'): Binding {
    const vectors = packedVectors(layout);
    const height = blocksOf(layout);
    const weights = {
      name,
      bytes: vectors * this.vectorBytes,
      layout,
      ...trained,
      ...(where === 'texture' && { texture: { width: vectors / height, height } }),
    };
    return { name: 'weights', weights: this.weights.push(weights) - 1 };
  }

  /** Where the weights of a convolution lie best: on some GPUs in a texture, if it is not too large for one. */
  storageFor(layout: WeightsLayout): WeightsStorage {
    const height = blocksOf(layout);
    const fits = Math.max(height, packedVectors(layout) / height) <= MAX_TEXTURE_SIZE;
    return this.tiles.weightTextures && fits ? 'texture' : 'buffer';
  }
}

export const ceilDivide = (value: number, by: number) => Math.ceil(value / by);

/** A value's sizes as kernels see them; `[n, c]` is a map of one pixel. */
export function sizesOf({ shape }: { shape: Shape }) {
  const [batch, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const slices = ceilDivide(channels, 4);
  const pixels = height * width;
  return { batch, channels, height, width, slices, pixels, vectors: slices * pixels };
}

export type Sizes = ReturnType<typeof sizesOf>;

/** Which of the shaders' two activations it is. */
export function shaderActivation({ kind }: FusedActivation = IDENTITY): Activation {
  return kind === 'sigmoid' ? 'sigmoid' : 'piecewise';
}

/** An activation's numbers; see `activate` in `shaders/interface.ts`. */
export function activationParams(activation: FusedActivation = IDENTITY): ParamValues<typeof ACTIVATION_FIELDS> {
  const { minValue, maxValue } = activation.kind === 'clamp' ? activation : IDENTITY;
  const line = { slope: 1, intercept: 0, gateSlope: 0, gateIntercept: 1, minValue, maxValue };
  if (activation.kind === 'hardSwish') return { ...line, gateSlope: 1 / 6, gateIntercept: 1 / 2 };
  if (activation.kind === 'hardSigmoid') {
    return { ...line, slope: 0, intercept: 1, gateSlope: 1 / 6, gateIntercept: 1 / 2 };
  }
  return line;
}
