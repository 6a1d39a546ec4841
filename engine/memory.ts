/** A value's need of memory: how much, and from which step to which, both included. */
export interface UsageRecord {
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** Indices of records that a step reads while it writes this one: they must lie in another arena. */
  readonly apart: readonly number[];
}

export interface Assignment {
  readonly arenas: readonly number[];
  /** For each record its arena, and its offset there. */
  readonly places: readonly { readonly arena: number; readonly offset: number }[];
}

/** WebGPU's `minStorageBufferOffsetAlignment` is 256 at most on every device. */
const ALIGNMENT = 256;
const align = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/**
 * Places records in arenas so that records alive at the same time do not overlap.
 *
 * WebGPU allows no buffer to be bound for reading and for writing in one dispatch, not even disjoint ranges of it
 * (https://www.w3.org/TR/webgpu/#usage-scope), so one arena is not enough: a result lies in another arena than what its
 * kernel reads. Records are taken largest first; each goes to the permitted arena that grows least by it, and there into
 * the smallest gap that is free during its life (greedy by size, arXiv 2001.03288). Three arenas suffice for every
 * network with residual additions; a fourth is opened where three do not.
 *
 * Largest first is a good order, not the best one: the same is tried with each of the largest records moved to the front,
 * and the smallest sum is kept.
 */
export function assignMemory(records: readonly UsageRecord[]): Assignment {
  const neighbours = records.map(() => new Set<number>());
  for (const [index, { apart }] of records.entries()) {
    for (const other of apart) {
      neighbours[index]?.add(other);
      neighbours[other]?.add(index);
    }
  }
  const order = records.map((_, index) => index).sort((a, b) => size(b) - size(a) || a - b);
  let best = place(order);
  for (let front = 1; front < Math.min(order.length, TRIALS); front++) {
    const first = order[front] as number;
    const trial = place([first, ...order.filter((index) => index !== first)]);
    if (total(trial) < total(best)) best = trial;
  }
  return best;

  function size(index: number): number {
    return (records[index] as UsageRecord).bytes;
  }

  function place(indices: readonly number[]): Assignment {
    const arenas: number[] = [0, 0, 0];
    const placed: Placed[][] = [[], [], []];
    const places: { arena: number; offset: number }[] = [];
    for (const index of indices) {
      const record = records[index] as UsageRecord;
      const taken = new Set([...(neighbours[index] as Set<number>)].map((other) => places[other]?.arena));
      let arena = -1;
      let offset = 0;
      let growth = Number.POSITIVE_INFINITY;
      for (const [candidate, bytes] of arenas.entries()) {
        if (taken.has(candidate)) continue;
        const start = findGap(placed[candidate] as Placed[], record);
        const grown = Math.max(0, start + align(record.bytes) - bytes);
        if (grown < growth) [arena, offset, growth] = [candidate, start, grown];
      }
      if (arena < 0) {
        arena = arenas.push(0) - 1;
        placed.push([]);
        growth = align(record.bytes);
      }
      arenas[arena] = (arenas[arena] as number) + growth;
      placed[arena]?.push({ ...record, offset });
      places[index] = { arena, offset };
    }
    return { arenas, places };
  }
}

/** How many of the largest records are tried in front; more gained nothing on any network. */
const TRIALS = 24;

const total = ({ arenas }: Assignment) => arenas.reduce((sum, bytes) => sum + bytes, 0);

interface Placed extends UsageRecord {
  offset: number;
}

export function livesOverlap(a: Pick<UsageRecord, 'first' | 'last'>, b: Pick<UsageRecord, 'first' | 'last'>): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** The start of the smallest free gap that holds `record` between the records alive at the same time, else their end. */
function findGap(placed: readonly Placed[], record: UsageRecord): number {
  const alive = placed.filter((other) => livesOverlap(other, record)).sort((a, b) => a.offset - b.offset);
  let start = 0;
  let bestStart = -1;
  let bestGap = Number.POSITIVE_INFINITY;
  for (const { offset, bytes } of alive) {
    const gap = offset - start;
    if (gap >= align(record.bytes) && gap < bestGap) [bestStart, bestGap] = [start, gap];
    start = Math.max(start, offset + align(bytes));
  }
  return bestStart >= 0 ? bestStart : start;
}

/** Every record in an arena of its own, for debugging. */
export function assignWithoutReuse(records: readonly UsageRecord[]): Assignment {
  return {
    arenas: records.map(({ bytes }) => align(bytes)),
    places: records.map((_, arena) => ({ arena, offset: 0 })),
  };
}
