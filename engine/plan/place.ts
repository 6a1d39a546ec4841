import type { Capabilities } from '../common/capabilities.ts';
import { UnsupportedError } from '../common/errors.ts';
import { sum } from '../common/numbers.ts';
import type { ValueShape } from '../graph/graph.ts';
import { align, assignMemory, assignWithoutReuse, type Life, type Part, type UsageRecord } from './memory.ts';
import type {
  Binding,
  KernelWeights,
  Lowered,
  LoweredKernel,
  Plan,
  PlannedValue,
  PlannedWeights,
  Storage,
} from './plan.ts';
import type { Target } from './target.ts';

/** Finding places takes time with the square of them; the parts of a large batch's values live as long as the whole. */
const MAX_PARTS = 256;

/** Gives each value and each kernel's weights a place, and checks the whole against the device's limits. */
export function place(
  name: string,
  { kernels, values, weights, inputs, outputs }: Lowered,
  { capabilities, elementType, reuse }: Target,
): Plan {
  const given = new Set(Object.values(inputs).map(({ tensor }) => tensor));
  const kept = new Set(Object.values(outputs).map(({ value }) => value));
  const uses = values.map((): BoundUse[] => []);
  for (const [step, { bindings }] of kernels.entries()) {
    for (const binding of bindings) {
      if ('value' in binding) uses[binding.value]?.push({ step, bindings, ...binding });
    }
  }
  const records = values.map(({ bytes, shape, isScratch = false }, index): UsageRecord => {
    const used = uses[index] as BoundUse[];
    const beside = used.flatMap(({ name, bindings }) => (name === 'output' ? bindings : []));
    const apart = beside.flatMap((other) => ('value' in other && other.value !== index ? [other.value] : []));
    const record = { bytes, ...lifeOf(used), ...(given.has(index) && { first: 0 }), apart, isScratch };
    if (kept.has(index)) return { ...record, last: kernels.length - 1 };
    const parts = partsByLife(shape, bytes, used);
    return parts.length > 0 ? { ...record, parts } : record;
  });

  // Results outlive the run: each has a buffer of its own, which the caller may read until the next one.
  const shared = records.flatMap((_, index) => (kept.has(index) ? [] : [index]));
  const toShare = shared.map((index) => {
    const record = records[index] as UsageRecord;
    return { ...record, apart: record.apart.flatMap((other) => (kept.has(other) ? [] : [shared.indexOf(other)])) };
  });
  const assignment = reuse ? assignMemory(toShare, capabilities.maxBufferSize) : assignWithoutReuse(toShare);
  const used = assignment.arenas.flatMap((bytes, arena) => (bytes > 0 ? [arena] : []));
  const arenas = used.map((arena) => ({ bytes: assignment.arenas[arena] as number }));
  const placed = records.map(({ bytes, first, last, parts }, index): PlannedValue => {
    const { name: valueName, shape } = values[index] as Storage;
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
      const { bytes, shape } = values[binding.value] as Storage;
      const slices = (channels: number) => Math.ceil(channels / 4);
      return binding.channels ? (bytes / slices(shape[1])) * slices(binding.channels[1]) : bytes;
    }
    return weights[binding.weights]?.bytes ?? 0;
  }
}

/** A kernel that reads or writes a value, or some channels of it. */
interface Use {
  readonly step: number;
  readonly channels?: readonly [first: number, count: number];
}

/** With all that its kernel binds. */
type BoundUse = Use & Pick<LoweredKernel, 'bindings'> & { readonly name: string };

const lifeOf = (uses: readonly Use[]): Life => ({
  first: Math.min(...uses.map(({ step }) => step)),
  last: Math.max(...uses.map(({ step }) => step)),
});

/** Slices next to each other that live as long, in each item of the batch; none where all live as long. Uses are in order. */
function partsByLife([batch, channels]: ValueShape, bytes: number, uses: readonly Use[]): Part[] {
  if (!uses.some((use) => use.channels)) return [];
  const slices = Math.ceil(channels / 4);
  const sliceBytes = bytes / batch / slices;
  const lives: { first: number; last: number }[] = Array.from({ length: slices }, () => lifeOf([]));
  for (const { step, channels: [first, count] = [0, channels] } of uses) {
    for (const life of lives.slice(Math.floor(first / 4), Math.ceil((first + count) / 4))) {
      life.first = Math.min(life.first, step);
      life.last = step;
    }
  }
  const isSame = (a: Life | undefined, b: Life) => a?.first === b.first && a.last === b.last;
  const changes = lives.filter((life, slice) => !isSame(lives[slice - 1], life)).length;
  if (changes === 1 || changes * batch > MAX_PARTS) return [];
  const parts: (Part & { bytes: number })[] = [];
  for (let slice = 0; slice < batch * slices; slice++) {
    const life = lives[slice % slices] as Life;
    const before = parts.at(-1);
    if (before && isSame(before, life)) before.bytes += sliceBytes;
    else parts.push({ offset: slice * sliceBytes, bytes: sliceBytes, ...life });
  }
  return parts;
}

/** One after another, in as few buffers as the device allows. */
function placeWeights(weights: readonly KernelWeights[], { maxBufferSize }: Capabilities) {
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
  for (const { name, bytes } of [...plan.values, ...plan.weights]) {
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
