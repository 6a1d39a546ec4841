import type { ElementType } from '../shaders/interface.ts';
import { during, WeightsError } from './errors.ts';
import { elementsOf } from './graph.ts';
import { blockChannels, type PackTensors, packBias, packWeights, type Refuse, requireFit } from './pack.ts';
import type { Plan, PlannedWeights, TensorRole } from './plan.ts';
import type { TensorPiece, Weights } from './weights.ts';

/** Writes packed blocks of `plan.weights[index]`, from its block `first` on, or the beginning of that block. */
export type WriteBlocks = (index: number, first: number, blocks: ArrayBuffer) => void;

/** So much of a filter is packed at a time; of a larger one no more is in memory, if its other tensors came before it. */
const PIECE_BYTES = 2 ** 23;

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
  const packers = plan.weights.map(
    (planned, index) =>
      new Packer(planned, plan.elementType, (first, blocks) => write(index, first, blocks), steps[index] ?? (() => {})),
  );
  // A tensor may belong to several kernels, and several to one.
  const readers = new Map<string, ((start: number, values: Float32Array) => void)[]>();
  for (const [index, { tensors, constants = {} }] of plan.weights.entries()) {
    const packer = packers[index] as Packer;
    for (const [role, names] of Object.entries(tensors) as [TensorRole, readonly string[]][]) {
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
  }
  for await (const { name, start, values } of weights.flow?.(signal) ?? inPlanOrder(plan, weights)) {
    signal?.throwIfAborted();
    for (const take of readers.get(name) ?? []) take(start, values);
  }
  for (const packer of packers) packer.finish();
}

/** One kernel's tensors after another's, each once, the filter last. */
async function* inPlanOrder(plan: Plan, weights: Weights): AsyncGenerator<TensorPiece> {
  const seen = new Set<string>();
  for (const { tensors, constants = {} } of plan.weights) {
    const { filter = [], ...others } = tensors;
    for (const name of [...Object.values(others).flat(), ...filter]) {
      if (seen.has(name) || name in constants) continue;
      seen.add(name);
      yield { name, start: 0, values: await weights.read(name) };
    }
  }
}

/** A tensor, and where it begins among those that are stacked in its role. */
type Source = readonly [role: TensorRole, offset: number, name: string];

/** Collects the tensors of one kernel and packs what can be. */
class Packer {
  readonly sources: Source[] = [];
  readonly #planned: PlannedWeights;
  readonly #type: ElementType;
  readonly #write: (first: number, blocks: ArrayBuffer) => void;
  readonly #done: () => void;
  /** The tensors with one value for each output channel, and how many of the values that rows wait for are still to come. */
  readonly #vectors: Partial<Record<TensorRole, Float32Array>> = {};
  #missing = 0;
  /** A bias that no batch normalization scales may come after its rows: those are packed with 0, which is replaced. */
  readonly #biasMayFollow: boolean;
  #missingBias = 0;
  #unbiasedRows = 0;
  readonly #rowElements: number;
  readonly #filterElements: number;
  /** The rows that are packed at a time; all of them where a block needs rows of another one. */
  readonly #pieceRows: number;
  #packedRows = 0;
  /** Rows after the packed ones that wait for the rest of their piece, or for the vectors; and how much of them is there. */
  #gathered: Float32Array | undefined;
  #gatheredElements = 0;

  constructor(
    planned: PlannedWeights,
    type: ElementType,
    write: (first: number, blocks: ArrayBuffer) => void,
    done: () => void,
  ) {
    const { layout, tensors } = planned;
    const [rows, ...rest] = layout.filterShape;
    this.#planned = planned;
    this.#type = type;
    this.#write = write;
    this.#done = done;
    this.#biasMayFollow = layout.kind === 'conv2d' && !tensors.variance;
    for (const role of Object.keys(tensors) as TensorRole[]) {
      if (role === 'filter') continue;
      this.#vectors[role] = new Float32Array(rows);
      if (this.#biasMayFollow) this.#missingBias += rows;
      else this.#missing += rows;
    }
    this.#rowElements = elementsOf(rest);
    this.#filterElements = tensors.filter ? rows * this.#rowElements : 0;
    const inRows = layout.kind === 'depthwise' || (layout.kind === 'conv2d' && layout.groups === 1);
    const block = blockChannels(layout);
    this.#pieceRows = inRows ? Math.max(1, Math.floor(PIECE_BYTES / (this.#rowElements * 4 * block))) * block : rows;
  }

  /** Elements of a role's tensor from `start` on. Those of one tensor come in order. */
  take(role: TensorRole, start: number, values: Float32Array): void {
    const { firstChannel = 0 } = this.#planned.layout;
    const vector = this.#vectors[role];
    const begin = firstChannel * (vector ? 1 : this.#rowElements);
    const end = begin + (vector?.length ?? this.#filterElements);
    const own = values.subarray(Math.max(0, begin - start), Math.max(0, end - start));
    const at = Math.max(start, begin) - begin;
    if (own.length === 0) return;
    if (vector) {
      // An infinite variance would make zeros of a filter. The filter's numbers are checked while they are packed.
      requireFit(role, own, this.#planned.tensors.variance ? 'f32' : this.#type, this.#refuse(at));
      vector.set(own, at);
      if (this.#biasMayFollow) {
        this.#missingBias -= own.length;
        this.#writeBias(vector);
      } else {
        this.#missing -= own.length;
        this.#packGathered();
      }
    } else {
      this.#takeFilter(at, own);
    }
  }

  /** Throws a `WeightsError` unless everything has come. */
  finish(): void {
    if (this.#isComplete()) return;
    throw new WeightsError(`The tensors of '${this.#planned.name}' end before they are complete.`);
  }

  #isComplete(): boolean {
    return this.#packedRows === this.#planned.layout.filterShape[0] && this.#missingBias === 0;
  }

  #writeBias(bias: Float32Array): void {
    if (this.#missingBias > 0 || this.#unbiasedRows === 0) return;
    const { layout } = this.#planned;
    const block = blockChannels(layout);
    for (let row = 0; row < this.#unbiasedRows; row += block) {
      const end = Math.min(row + block, this.#unbiasedRows);
      const blocks = packBias(bias.subarray(row, end), layout, this.#type);
      this.#write(row / block, blocks);
    }
    if (this.#isComplete()) this.#done();
  }

  #takeFilter(start: number, values: Float32Array): void {
    let [at, rest] = [start, values];
    while (rest.length > 0) {
      const packed = this.#packedRows * this.#rowElements;
      const isPiecewise = this.#missing === 0 && this.#planned.tensors.filter?.length === 1;
      const piece = Math.min(this.#pieceRows * this.#rowElements, this.#filterElements - packed);
      const room = this.#gathered?.length ?? (isPiecewise ? piece : this.#filterElements);
      const part = rest.subarray(0, packed + room - at);
      if (!this.#gathered && isPiecewise && part.length === room) {
        this.#pack(part);
      } else {
        this.#gathered ??= new Float32Array(room);
        this.#gathered.set(part, at - packed);
        this.#gatheredElements += part.length;
        this.#packGathered();
      }
      at += part.length;
      rest = rest.subarray(part.length);
    }
  }

  #packGathered(): void {
    if (this.#missing > 0) return;
    if (this.#filterElements === 0) this.#pack(new Float32Array(0), this.#planned.layout.filterShape[0]);
    const gathered = this.#gathered;
    if (!gathered || this.#gatheredElements < gathered.length) return;
    this.#gathered = undefined;
    this.#gatheredElements = 0;
    const piece = this.#pieceRows * this.#rowElements;
    for (let at = 0; at < gathered.length; at += piece) this.#pack(gathered.subarray(at, at + piece));
  }

  #pack(filter: Float32Array, rows = filter.length / this.#rowElements): void {
    const { name, layout, epsilon } = this.#planned;
    const [, ...rest] = layout.filterShape;
    const first = this.#packedRows;
    const vectors = Object.entries(this.#vectors).map(([role, all]) => [role, all.subarray(first, first + rows)]);
    const tensors: PackTensors = { ...Object.fromEntries(vectors), ...(this.#filterElements > 0 && { filter }) };
    const blocks = during(`packing the weights of '${name}'`, () =>
      packWeights(
        { layout: { ...layout, filterShape: [rows, ...rest] }, epsilon },
        tensors,
        this.#type,
        this.#refuse(first),
      ),
    );
    this.#write(first / blockChannels(layout), blocks);
    this.#packedRows += rows;
    if (this.#missingBias > 0) this.#unbiasedRows = this.#packedRows;
    if (this.#isComplete()) this.#done();
  }

  /** For rows from `row` on: throws because of a number, or of what batch normalization makes of it. */
  #refuse(row: number): Refuse {
    return (role, index, value) => {
      const { layout, tensors } = this.#planned;
      const place = ((layout.firstChannel ?? 0) + row) * (role === 'filter' ? this.#rowElements : 1) + index;
      const isOwner = ([of, offset]: Source) => (of === role || !tensors[role]) && offset <= place;
      const [, offset, name] = this.sources.findLast(isOwner) as Source;
      const folded = tensors.variance ? ' with batch normalization folded in' : '';
      throw new WeightsError(
        `Tensor '${name}' is ${value} at element ${place - offset}: not finite as float${this.#type.slice(1)}${folded}.`,
      );
    };
  }
}
