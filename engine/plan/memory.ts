import { sum } from '../common/numbers.ts';

/** From which step to which, both included. */
export interface Life {
  readonly first: number;
  readonly last: number;
}

/** Bytes of a value with a life of their own. */
export interface Part extends Life {
  /** From the value's start. */
  readonly offset: number;
  readonly bytes: number;
}

/** A value's need of memory. */
export interface UsageRecord extends Life {
  readonly bytes: number;
  /** Indices of records that a step reads while it writes this one: they must lie in another arena. */
  readonly apart: readonly number[];
  /**
   * Where parts of it live shorter than the whole, all of them. Memory that a concatenation's later inputs will take is
   * free for others until they are written.
   */
  readonly parts?: readonly Part[];
  /** Whether one node alone needs it: it gets a place where the others leave one. */
  readonly isScratch?: boolean;
}

export interface Assignment {
  readonly arenas: readonly number[];
  /** For each record its arena, and its offset there. */
  readonly places: readonly { readonly arena: number; readonly offset: number }[];
}

/** WebGPU's `minStorageBufferOffsetAlignment` is 256 at most on every device. */
const ALIGNMENT = 256;
export const align = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

const partsOf = ({ parts, ...record }: UsageRecord): readonly Part[] => parts ?? [{ ...record, offset: 0 }];

/**
 * Places records in arenas so that records alive at the same time do not overlap.
 *
 * WebGPU allows no buffer to be bound for reading and for writing in one dispatch, not even disjoint ranges of it
 * (https://www.w3.org/TR/webgpu/#usage-scope), so one arena is not enough: a result lies in another arena than what its
 * kernel reads. Three arenas suffice for every network with residual additions; a fourth is opened where three do not.
 *
 * Which arenas, and where in them, is found in two ways; the smallest sum is kept:
 *
 * - Largest first (greedy by size, arXiv 2001.03288): each record goes to the permitted arena that grows least by it, and
 *   there into the smallest gap that is free during its life.
 * - Arenas in the order of the run, then places in them largest first. A record that fits well anywhere may take the only
 *   arena that a later, larger one could share, so several ways to hand out the arenas are followed side by side.
 *
 * What an arena holds at one time is what a way needs at least; where that is no less than the best sum, the search ends.
 * What is scratch is made to fit into what is free: it is placed with all else, or when all else is. No arena grows
 * beyond `most` bytes but for a record that is larger: another one is opened.
 */
export function assignMemory(records: readonly UsageRecord[], most = Number.POSITIVE_INFINITY): Assignment {
  const neighbours = records.map(() => new Set<number>());
  for (const [index, { apart }] of records.entries()) {
    for (const other of apart) {
      neighbours[index]?.add(other);
      neighbours[other]?.add(index);
    }
  }
  const size = (index: number) => (records[index] as UsageRecord).bytes;
  const largestFirst = records.map((_, index) => index).sort((a, b) => size(b) - size(a) || a - b);
  const isScratch = (index: number) => records[index]?.isScratch ?? false;
  let best = placeInOrder(records, neighbours, most, largestFirst);
  tryTurns(largestFirst, () => false);
  if (records.some((record) => record.isScratch)) {
    tryTurns(
      [...largestFirst].sort((a, b) => Number(isScratch(a)) - Number(isScratch(b))),
      isScratch,
    );
  }
  return best;

  function tryTurns(order: readonly number[], isLater: (index: number) => boolean): void {
    for (const { arenas, bytes } of arenasInTurn(records, neighbours, isLater, sum(best.arenas))) {
      if (bytes >= sum(best.arenas)) break;
      const assignment = placeInOrder(records, neighbours, most, order, arenas);
      if (sum(assignment.arenas) < sum(best.arenas)) best = assignment;
    }
  }
}

/** A way to hand out arenas. */
interface Turns {
  /** For each record its arena. */
  readonly arenas: readonly number[];
  /** The most that each arena has to hold at one time. */
  readonly peaks: number[];
  /** The sum of these. */
  bytes: number;
}

/** How many ways are followed at a time. Eight do for the networks here; the rest help some random ones. */
const WAYS = 32;

/**
 * Hands out arenas, but to those records that come later, in the order in which records are written, and keeps the ways that
 * need least so far, the best first, of those that need less than `most`.
 * Ways that agree in their peaks, and in the arenas of what is still needed, have the same future: one of them is enough.
 */
function arenasInTurn(
  records: readonly UsageRecord[],
  neighbours: readonly ReadonlySet<number>[],
  isLater: (index: number) => boolean,
  most: number,
): readonly Turns[] {
  const parts = records
    .flatMap((record, index) => (isLater(index) ? [] : partsOf(record).map((part) => ({ ...part, index }))))
    .sort((a, b) => a.first - b.first || a.index - b.index);
  let ways: Turns[] = [{ arenas: new Array(records.length), peaks: [], bytes: 0 }];
  let alive: typeof parts = [];
  for (const part of parts) {
    const { index, first } = part;
    alive = [...alive.filter(({ last }) => last >= first), part];
    const bytesOf = new Map<number, number>();
    for (const other of alive) bytesOf.set(other.index, (bytesOf.get(other.index) ?? 0) + align(other.bytes));
    const held = [...bytesOf];
    // Of a record with parts, all ways have handed an arena to an earlier one, or none has.
    if (ways[0]?.arenas[index] === undefined) ways = ways.flatMap((way) => handOut(way, index));
    for (const way of ways) {
      const arena = way.arenas[index] as number;
      let peak = 0;
      for (const [other, bytes] of held) peak += way.arenas[other] === arena ? bytes : 0;
      way.peaks[arena] = Math.max(way.peaks[arena] ?? 0, peak);
      way.bytes = sum(way.peaks);
    }
    const survivors = held.filter(([other]) => (records[other] as UsageRecord).last > first);
    const future = ({ arenas, peaks }: Turns) => [...peaks, ...survivors.map(([other]) => arenas[other])].join();
    const fit = ways.filter(({ bytes }) => bytes < most);
    const different = [...new Map(fit.map((way) => [future(way), way])).values()];
    ways = different.sort((a, b) => a.bytes - b.bytes).slice(0, WAYS);
  }
  return ways;

  /** In each of the permitted ways. */
  function handOut({ arenas, peaks }: Turns, index: number): Turns[] {
    const taken = new Set([...(neighbours[index] as ReadonlySet<number>)].map((other) => arenas[other]));
    const permitted = peaks.flatMap((_, arena) => (taken.has(arena) ? [] : [arena]));
    if (peaks.length < LEAST_ARENAS || permitted.length === 0) permitted.push(peaks.length);
    return permitted.map((arena) => ({ arenas: arenas.with(index, arena), peaks: [...peaks], bytes: 0 }));
  }
}

/** So many are there even where fewer would do: an unused one takes no bytes. */
const LEAST_ARENAS = 3;

interface Placed extends UsageRecord {
  readonly offset: number;
}

function placeInOrder(
  records: readonly UsageRecord[],
  neighbours: readonly ReadonlySet<number>[],
  most: number,
  order: readonly number[],
  fixed: readonly number[] = [],
): Assignment {
  const count = Math.max(LEAST_ARENAS, ...Array.from(fixed, (arena = -1) => arena + 1));
  const arenas = new Array<number>(count).fill(0);
  const placed = arenas.map((): Placed[] => []);
  const places: { arena: number; offset: number }[] = [];
  for (const index of order) {
    const record = records[index] as UsageRecord;
    const taken = new Set([...(neighbours[index] as ReadonlySet<number>)].map((other) => places[other]?.arena));
    let arena = -1;
    let offset = 0;
    let growth = Number.POSITIVE_INFINITY;
    for (const [candidate, bytes] of arenas.entries()) {
      if (taken.has(candidate) || candidate !== (fixed[index] ?? candidate)) continue;
      const start = findGap(placed[candidate] as Placed[], record);
      const end = start + align(record.bytes);
      const more = Math.max(0, end - bytes);
      if (end <= most && more < growth) [arena, offset, growth] = [candidate, start, more];
    }
    if (arena < 0) {
      [arena, offset, growth] = [arenas.push(0) - 1, 0, align(record.bytes)];
      placed.push([]);
    }
    arenas[arena] = (arenas[arena] as number) + growth;
    placed[arena]?.push({ ...record, offset });
    places[index] = { arena, offset };
  }
  return { arenas, places };
}

export function livesOverlap(a: Life, b: Life): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/**
 * Where `record` begins, a multiple of the alignment: in the smallest gap that holds it among the records alive at the same
 * time, else after them. With parts, a gap is a range of starts at which none of them meets a part of another record.
 */
function findGap(placed: readonly Placed[], record: UsageRecord): number {
  const taken: { from: number; to: number }[] = [];
  for (const other of placed) {
    if (!livesOverlap(other, record)) continue;
    for (const there of partsOf(other)) {
      for (const part of partsOf(record)) {
        if (!livesOverlap(there, part)) continue;
        const start = other.offset + there.offset - part.offset;
        taken.push({ from: start - part.bytes, to: start + there.bytes });
      }
    }
  }
  let start = 0;
  let bestStart = -1;
  let bestSlack = Number.POSITIVE_INFINITY;
  for (const { from, to } of taken.sort((a, b) => a.from - b.from)) {
    const slack = from - start;
    if (slack >= 0 && slack < bestSlack) [bestStart, bestSlack] = [start, slack];
    start = Math.max(start, align(to));
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
