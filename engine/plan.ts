import type { ElementType, StorageName } from '../shaders/interface.ts';
import type { Capabilities } from './device.ts';
import { UnsupportedError } from './errors.ts';
import type { Shape } from './graph.ts';
import type { Lowered } from './lower.ts';
import { align, assignMemory, assignWithoutReuse, type Life, type Part, sum, type UsageRecord } from './memory.ts';

/** Where the elements of a value lie: an offset in one of the arenas. Slice-major: `(slice * height + y) * width + x`, four channels each. */
export interface PlannedValue {
  readonly name: string;
  readonly shape: Shape;
  readonly arena: number;
  /** Bytes from the arena's start, a multiple of 256. */
  readonly offset: number;
  readonly bytes: number;
  /** The first and the last kernel (by index) during which it lives. */
  readonly first: number;
  readonly last: number;
  /**
   * Of a value that kernels write or read in parts: its ranges of bytes that live as long. Others may lie in a range before
   * and after its life.
   */
  readonly parts?: readonly Part[];
}

/** What a kernel binds to one of its storage bindings. */
export type Binding =
  | {
      readonly name: StorageName;
      readonly value: number;
      /** The first of the channels that it reads or writes, and their number, where they are not all of the value's. */
      readonly channels?: readonly [first: number, count: number];
    }
  | { readonly name: StorageName; readonly weights: number }
  | { readonly name: StorageName; readonly input: string };

/** A member of a kernel's uniform block. */
export interface Param {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
  readonly value: number;
}

/** One dispatch. */
export interface PlannedKernel {
  /** The node's name, which is also the label of its GPU objects. */
  readonly name: string;
  /** The shader's file: `conv2d`, `conv2d-depthwise`, ... */
  readonly kind: string;
  /** WGSL; equal texts share a pipeline. */
  readonly shader: string;
  readonly workgroups: readonly [number, number, number];
  /** The members of the uniform block, in order. */
  readonly params: readonly Param[];
  readonly bindings: readonly Binding[];
  readonly shape: Shape;
  /** Multiply-accumulates, as the papers count them: convolutions and dense layers only. */
  readonly macs: number;
  /** Elements of the trained tensors that it uses. */
  readonly parameters: number;
  /** Bytes of the values and weights that it reads, and of the value that it writes. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** How trained tensors become one range of the weights buffer; see `pack.ts`. */
export interface WeightsLayout {
  readonly kind: 'conv2d' | 'convTranspose2d' | 'depthwise' | 'vectors';
  /** Output slices in a block (`conv2d`, `convTranspose2d`). */
  readonly blockSlices: number;
  /**
   * `[outChannels, channels / groups, height, width]`; a dense layer's is `[n, k, 1, 1]`. The tensor of `convTranspose2d`
   * is `[channels, outChannels / groups, height, width]`.
   */
  readonly filterShape: readonly [number, number, number, number];
  readonly groups: number;
  /** Of a dense layer on a flattened map: its pixels. `k` is channels * pixels, in memory slice by slice. */
  readonly pixels?: number;
  /** Where the filter has more output channels than the layout: the first one in it. */
  readonly firstChannel?: number;
}

export type TensorRole = 'filter' | 'bias' | 'mean' | 'variance' | 'scale' | 'shift';

/** The packed weights of one kernel: a range of a buffer, or a texture whose rows are the layout's blocks. */
export interface PlannedWeights {
  readonly name: string;
  readonly home:
    | { readonly buffer: number; readonly offset: number }
    | { readonly width: number; readonly height: number };
  readonly bytes: number;
  readonly layout: WeightsLayout;
  /** Names of the tensors by role; several are stacked along their first dimension. */
  readonly tensors: Readonly<Partial<Record<TensorRole, readonly string[]>>>;
  /** The values of those that no checkpoint holds. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  readonly epsilon: number;
}

export interface PlannedInput {
  readonly shape: Shape;
  /** Index into `values`. */
  readonly value: number;
  /** Index into `kernels` of the dispatch that brings it into the layout of the rest. */
  readonly kernel: number;
  /** Bytes of the tensor as the caller gives it, float32 NCHW. */
  readonly bytes: number;
}

export interface PlannedOutput {
  readonly shape: Shape;
  readonly value: number;
  /** Bytes of the result as the caller gets it, float32 NCHW. */
  readonly bytes: number;
}

/**
 * Everything that a network needs, known before anything is allocated: what runs, in which order, and where each byte
 * lies. Plain data: it prints, compares and serialises.
 */
export interface Plan {
  readonly name: string;
  readonly elementType: ElementType;
  /** Buffers of activations. The first ones are shared by values whose lives do not overlap; each output has one of its own after them. */
  readonly arenas: readonly { readonly bytes: number }[];
  readonly weightBuffers: readonly { readonly bytes: number }[];
  /** One entry for each dispatch, in order. */
  readonly kernels: readonly PlannedKernel[];
  readonly values: readonly PlannedValue[];
  readonly weights: readonly PlannedWeights[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
  readonly parameters: number;
  readonly macs: number;
}

/** Finding places takes time with the square of them; the parts of a large batch's values live as long as the whole. */
const MAX_PARTS = 256;

/** Gives each value and each kernel's weights a place, and checks the whole against the device's limits. */
export function place(
  name: string,
  { kernels, values, weights, inputs, outputs }: Lowered,
  capabilities: Capabilities,
  { elementType, reuse }: { elementType: ElementType; reuse: boolean },
): Plan {
  const kept = new Set(Object.values(outputs).map(({ value }) => value));
  const records = values.map(({ bytes, shape }, index): UsageRecord => {
    const uses = kernels.flatMap(({ bindings }, step) =>
      bindings.flatMap((binding) =>
        'value' in binding && binding.value === index ? [{ step, bindings, ...binding }] : [],
      ),
    );
    const beside = uses.flatMap(({ name, bindings }) => (name === 'output' ? bindings : []));
    const apart = beside.flatMap((other) => ('value' in other && other.value !== index ? [other.value] : []));
    const record = { bytes, ...lifeOf(uses), apart };
    if (kept.has(index)) return { ...record, last: kernels.length - 1 };
    const parts = partsOf(shape, bytes, uses);
    return parts.length > 0 ? { ...record, parts } : record;
  });

  // Results outlive the run: each has a buffer of its own, which the caller may read until the next one.
  const shared = records.flatMap((_, index) => (kept.has(index) ? [] : [index]));
  const assignment = (reuse ? assignMemory : assignWithoutReuse)(
    shared.map((index) => {
      const record = records[index] as UsageRecord;
      return { ...record, apart: record.apart.flatMap((other) => (kept.has(other) ? [] : [shared.indexOf(other)])) };
    }),
  );
  const used = assignment.arenas.flatMap((bytes, arena) => (bytes > 0 ? [arena] : []));
  const arenas = used.map((arena) => ({ bytes: assignment.arenas[arena] as number }));
  const placed = records.map(({ bytes, first, last, parts }, index): PlannedValue => {
    const { name: valueName, shape } = values[index] as Lowered['values'][number];
    const home = assignment.places[shared.indexOf(index)];
    const arena = home ? used.indexOf(home.arena) : arenas.push({ bytes }) - 1;
    const offset = home?.offset ?? 0;
    return { name: valueName, shape, arena, offset, bytes, first, last, ...(parts && { parts }) };
  });

  const { buffers, places } = placeWeights(weights, capabilities);
  const plan: Plan = {
    name,
    elementType,
    arenas,
    weightBuffers: buffers,
    kernels: kernels.map((kernel) => ({
      ...kernel,
      bytesRead: sum(kernel.bindings.map((binding) => (binding.name === 'output' ? 0 : bytesOf(binding)))),
      bytesWritten: sum(kernel.bindings.map((binding) => (binding.name === 'output' ? bytesOf(binding) : 0))),
    })),
    values: placed,
    weights: places,
    inputs,
    outputs,
    parameters: sum(kernels.map(({ parameters }) => parameters)),
    macs: sum(kernels.map(({ macs }) => macs)),
  };
  checkLimits(plan, capabilities);
  return plan;

  function bytesOf(binding: Binding): number {
    if ('value' in binding) {
      const { bytes, shape } = values[binding.value] as Lowered['values'][number];
      const slices = (channels: number) => Math.ceil(channels / 4);
      return binding.channels ? (bytes / slices(shape[1] as number)) * slices(binding.channels[1]) : bytes;
    }
    if ('weights' in binding) return weights[binding.weights]?.bytes ?? 0;
    return inputs[binding.input]?.bytes ?? 0;
  }
}

/** A kernel that reads or writes a value, or some channels of it. */
interface Use {
  readonly step: number;
  readonly channels?: readonly [first: number, count: number];
}

const lifeOf = (uses: readonly Use[]): Life => ({
  first: Math.min(...uses.map(({ step }) => step)),
  last: Math.max(...uses.map(({ step }) => step)),
});

/** Slices next to each other that live as long, in each item of the batch; none where all live as long. */
function partsOf([batch, channels]: Shape, bytes: number, uses: readonly Use[]): Part[] {
  const slices = Math.ceil((channels as number) / 4);
  const sliceBytes = bytes / (batch as number) / slices;
  const lives = Array.from({ length: slices }, (_, slice) =>
    lifeOf(
      uses.filter(
        ({ channels: [first, count] = [0, channels as number] }) => first < slice * 4 + 4 && slice * 4 < first + count,
      ),
    ),
  );
  const isSame = (a: Life | undefined, b: Life) => a?.first === b.first && a.last === b.last;
  const changes = lives.filter((life, slice) => !isSame(lives[slice - 1], life)).length;
  if (changes === 1 || changes * (batch as number) > MAX_PARTS) return [];
  const parts: (Part & { bytes: number })[] = [];
  for (let slice = 0; slice < (batch as number) * slices; slice++) {
    const life = lives[slice % slices] as Life;
    const before = parts.at(-1);
    if (before && isSame(before, life)) before.bytes += sliceBytes;
    else parts.push({ offset: slice * sliceBytes, bytes: sliceBytes, ...life });
  }
  return parts;
}

/** One after another, in as few buffers as the device allows. */
function placeWeights(weights: Lowered['weights'], { maxBufferSize }: Capabilities) {
  const buffers: { bytes: number }[] = [];
  const places = weights.map(({ texture, ...planned }): PlannedWeights => {
    if (texture) return { ...planned, home: texture };
    let buffer = buffers.length - 1;
    if (buffer < 0 || (buffers[buffer] as { bytes: number }).bytes + planned.bytes > maxBufferSize) {
      buffer = buffers.push({ bytes: 0 }) - 1;
    }
    const offset = (buffers[buffer] as { bytes: number }).bytes;
    buffers[buffer] = { bytes: align(offset + planned.bytes) };
    return { ...planned, home: { buffer, offset } };
  });
  return { buffers, places };
}

function checkLimits(plan: Plan, { maxBufferSize, maxStorageBufferBindingSize }: Capabilities): void {
  const bound = [
    ...plan.values,
    ...plan.weights,
    ...Object.entries(plan.inputs).map(([name, { bytes }]) => ({ name, bytes })),
  ];
  for (const { name, bytes } of bound) {
    if (bytes > maxStorageBufferBindingSize) {
      throw new UnsupportedError(
        `'${name}' of '${plan.name}' takes ${bytes} bytes; the device binds at most ${maxStorageBufferBindingSize} at once.`,
      );
    }
  }
  for (const { bytes } of [...plan.arenas, ...plan.weightBuffers]) {
    if (bytes > maxBufferSize) {
      throw new UnsupportedError(
        `'${plan.name}' needs a buffer of ${bytes} bytes; the device allows at most ${maxBufferSize}.`,
      );
    }
  }
}
