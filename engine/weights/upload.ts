import type { ElementType } from '../../shaders/kernel.ts';
import { during, WeightsError } from '../common/errors.ts';
import { pause } from '../common/pause.ts';
import { elementsOf } from '../graph/graph.ts';
import type { Plan, PlannedWeights, TensorRole } from '../plan/plan.ts';
import { layoutOf } from './layout.ts';
import { type PackTensors, packBias, packWeights, type Refuse, requireFit } from './pack.ts';
import type { TensorPiece, Weights } from './weights.ts';

/** Writes packed blocks of `plan.weights[index]`, from its block `first` on, or the beginning of that block. */
export type WriteBlocks = (index: number, first: number, blocks: ArrayBuffer) => void;

/** So much of a filter is packed at a time; of a larger one no more is in memory, if its other tensors came before it. */
const PIECE_BYTES = 2 ** 23;

/** Milliseconds of packing, after which the page does what else it has to: a pipeline may be there, to be dispatched meanwhile. */
const PAUSE_AFTER = 16;

/**
 * Packs weights and hands them to `write` as their tensors arrive: in the plan's order, or in the file's if the weights flow.
 * Calls `steps[index]` when `plan.weights[index]` is complete.
 */
export async function uploadWeights(
  plan: Plan,
  weights: Weights,
  write: WriteBlocks,
  { steps, signal }: { steps: readonly (() => void)[]; signal?: AbortSignal | undefined },
): Promise<void> {
  // A tensor may belong to several kernels, and several to one. Filters come last, when what folds into them is there.
  const readers = new Map<string, ((start: number, values: Float32Array) => void)[]>();
  const packers = plan.weights.map((planned, index) => {
    const writeOwn = (first: number, blocks: ArrayBuffer) => write(index, first, blocks);
    const packer = createPacker(planned, plan.elementType, writeOwn, steps[index]);
    const { tensors, constants = {} } = planned;
    const { filter = [], ...vectors } = tensors;
    for (const [role, names] of Object.entries({ ...vectors, filter }) as [TensorRole, readonly string[]][]) {
      let stacked = 0;
      for (const name of names) {
        const offset = stacked;
        const constant = constants[name];
        packer.sources.push([role, offset, name]);
        if (constant) packer.take(role, offset, Float32Array.from(constant));
        else {
          const take = (start: number, values: Float32Array) => packer.take(role, offset + start, values);
          readers.set(name, [...(readers.get(name) ?? []), take]);
        }
        stacked += constant?.length ?? elementsOf(weights.shapes.get(name) ?? [0]);
      }
    }
    return packer;
  });
  let awake = performance.now();
  for await (const { name, start, values } of weights.flow?.(signal) ?? readEach(weights, readers.keys())) {
    if (performance.now() - awake > PAUSE_AFTER) {
      await pause();
      awake = performance.now();
    }
    signal?.throwIfAborted();
    for (const take of readers.get(name) ?? []) take(start, values);
  }
  for (const packer of packers) packer.finish();
}

async function* readEach(weights: Weights, names: Iterable<string>): AsyncGenerator<TensorPiece> {
  for (const name of names) yield { name, start: 0, values: await weights.read(name) };
}

/** A tensor, and where it begins among those that are stacked in its role. */
type Source = readonly [role: TensorRole, offset: number, name: string];

/** Collects the tensors of one kernel and packs what can be. Calls `done` when all is packed. */
function createPacker(
  { name, layout, tensors, epsilon, firstRow = 0 }: PlannedWeights,
  type: ElementType,
  write: (first: number, blocks: ArrayBuffer) => void,
  done: (() => void) | undefined,
) {
  const sources: Source[] = [];
  const firstChannel = firstRow + (layout.firstChannel ?? 0);
  const [allRows, ...rest] = layout.filterShape;
  const rowElements = elementsOf(rest);
  const filterElements = tensors.filter ? allRows * rowElements : 0;
  const block = layout.blockSlices * 4;
  const { mayFlow, biasMayFollow } = layoutOf(layout);
  // The rows that are packed at a time.
  const pieceRows = mayFlow ? Math.max(1, Math.floor(PIECE_BYTES / (rowElements * 4 * block))) * block : allRows;
  let packedRows = 0;
  // Rows after the packed ones that wait for the rest of their piece, or for the vectors; and how much of them is there.
  let gathered: Float32Array | undefined;
  let gatheredElements = 0;
  // The tensors with one value for each output channel, and how many of these values are still to come.
  const vectors: Partial<Record<TensorRole, Float32Array>> = {};
  let missing = 0;
  for (const role of Object.keys(tensors) as TensorRole[]) {
    if (role === 'filter') continue;
    vectors[role] = new Float32Array(allRows);
    missing += allRows;
  }
  // A bias that no batch normalization scales may come after its rows: those are packed with 0, which is replaced.
  const mayBeUnbiased = biasMayFollow && !tensors.variance;
  let unbiasedRows = 0;

  const mayPack = () => missing === 0 || mayBeUnbiased;
  const isComplete = () => missing === 0 && packedRows === allRows;

  function takeVector(at: number, values: Float32Array, vector: Float32Array): void {
    vector.set(values, at);
    missing -= values.length;
    if (missing > 0) return;
    for (let row = 0; row < unbiasedRows; row += block) {
      const bias = vector.subarray(row, Math.min(row + block, unbiasedRows));
      write(row / block, packBias(bias, layout, type));
    }
    if (unbiasedRows > 0 && isComplete()) done?.();
    packGathered();
  }

  function takeFilter(start: number, values: Float32Array): void {
    let [at, left] = [start, values];
    while (left.length > 0) {
      const packed = packedRows * rowElements;
      const isPiecewise = mayPack() && tensors.filter?.length === 1;
      const piece = Math.min(pieceRows * rowElements, filterElements - packed);
      const room = gathered?.length ?? (isPiecewise ? piece : filterElements);
      const part = left.subarray(0, packed + room - at);
      if (!gathered && isPiecewise && part.length === room) {
        packRows(part);
      } else {
        gathered ??= new Float32Array(room);
        gathered.set(part, at - packed);
        gatheredElements += part.length;
        packGathered();
      }
      at += part.length;
      left = left.subarray(part.length);
    }
  }

  function packGathered(): void {
    if (!mayPack()) return;
    if (filterElements === 0) packRows(new Float32Array(0), allRows);
    const all = gathered;
    if (!all || gatheredElements < all.length) return;
    gathered = undefined;
    gatheredElements = 0;
    const piece = pieceRows * rowElements;
    for (let at = 0; at < all.length; at += piece) packRows(all.subarray(at, at + piece));
  }

  function packRows(filter: Float32Array, rows = filter.length / rowElements): void {
    const first = packedRows;
    const own = Object.entries(vectors).map(([role, all]) => [role, all.subarray(first, first + rows)]);
    const given: PackTensors = { ...Object.fromEntries(own), ...(filterElements > 0 && { filter }) };
    const planned = { layout: { ...layout, filterShape: [rows, ...rest] }, epsilon } as const;
    const blocks = during(`packing the weights of '${name}'`, () => packWeights(planned, given, type, refuse(first)));
    write(first / block, blocks);
    packedRows += rows;
    if (missing > 0) unbiasedRows = packedRows;
    if (isComplete()) done?.();
  }

  /** For rows from `row` on: throws because of a number, or of what batch normalization makes of it. */
  function refuse(row: number): Refuse {
    return (role, index, value) => {
      const place = (firstChannel + row) * (role === 'filter' ? rowElements : 1) + index;
      const isOwner = ([of, offset]: Source) => (tensors[role] ? of === role : of !== 'filter') && offset <= place;
      const [, offset, source] = sources.findLast(isOwner) as Source;
      const folded = tensors.variance ? ' with batch normalization folded in' : '';
      throw new WeightsError(
        `Tensor '${source}' is ${value} at element ${place - offset}: not finite as ${type}${folded}.`,
      );
    };
  }

  return {
    sources,
    /** Elements of a role's tensor from `start` on. Those of one tensor come in order. */
    take(role: TensorRole, start: number, values: Float32Array): void {
      const vector = vectors[role];
      const begin = firstChannel * (vector ? 1 : rowElements);
      const end = begin + (vector?.length ?? filterElements);
      const own = values.subarray(Math.max(0, begin - start), Math.max(0, end - start));
      const at = Math.max(start, begin) - begin;
      if (own.length === 0) return;
      if (!vector) takeFilter(at, own);
      else {
        // An infinite variance would make zeros of a filter. The filter's numbers are checked while they are packed.
        requireFit(role, own, tensors.variance ? 'float32' : type, refuse(at));
        takeVector(at, own, vector);
      }
    },
    /** Throws a `WeightsError` unless everything has come. */
    finish(): void {
      if (!isComplete()) throw new WeightsError(`The tensors of '${name}' end before they are complete.`);
    },
  };
}
