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
 * Largest first is greedy: a record that fits into a gap early may leave no room for one that can lie nowhere else. So two
 * things more are tried, and the smallest sum is kept. Arenas handed out in the order of the run, the lowest one that is
 * permitted: two do for a chain, with or without residual additions. And records that made an arena grow, moved forward
 * in the order one at a time, keeping what got no worse. A sum that no assignment can go below ends the search.
 */
export function assignMemory(records: readonly UsageRecord[]): Assignment {
  const neighbours = records.map(() => new Set<number>());
  for (const [index, { apart }] of records.entries()) {
    for (const other of apart) {
      neighbours[index]?.add(other);
      neighbours[other]?.add(index);
    }
  }
  const size = (index: number) => (records[index] as UsageRecord).bytes;
  let order = records.map((_, index) => index).sort((a, b) => size(b) - size(a) || a - b);
  const bound = Math.max(mostAliveBytes(records), apartBytes(records));
  const inTurn = place(records, neighbours, order, arenasInTurn(records, neighbours));
  if (total(inTurn) <= bound) return inTurn;
  let best = place(records, neighbours, order);
  const random = pseudoRandom();
  for (let trial = 0; trial < TRIALS && total(best) > bound; trial++) {
    const grown = best.grown[Math.floor(random() * best.grown.length)] as number;
    const changed = order.filter((index) => index !== grown);
    changed.splice(Math.floor(random() * order.indexOf(grown)), 0, grown);
    const assignment = place(records, neighbours, changed);
    if (total(assignment) > total(best)) continue;
    best = assignment;
    order = changed;
  }
  return total(inTurn) < total(best) ? inTurn : best;
}

const TRIALS = 40;

const total = ({ arenas }: Assignment) => arenas.reduce((sum, bytes) => sum + bytes, 0);

/** No assignment takes less than what is alive at one time. */
function mostAliveBytes(records: readonly UsageRecord[]): number {
  return Math.max(
    0,
    ...records.map(({ first }) =>
      records.reduce((sum, other) => sum + (other.first <= first && first <= other.last ? align(other.bytes) : 0), 0),
    ),
  );
}

/** The largest record fills one arena; of any two that must lie apart, one is not in that arena but in another. */
function apartBytes(records: readonly UsageRecord[]): number {
  const size = (index: number) => align((records[index] as UsageRecord).bytes);
  const largest = Math.max(0, ...records.map((_, index) => size(index)));
  const smallerOfPairs = records.flatMap(({ apart }, index) =>
    apart.map((other) => Math.min(size(index), size(other))),
  );
  return largest + Math.max(0, ...smallerOfPairs);
}

/** Numbers in [0, 1), always the same: plans must not differ from one run to the next (a 32-bit xorshift). */
function pseudoRandom(): () => number {
  let state = 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** For each record the lowest arena that none of its neighbours has yet, in the order in which records are written. */
function arenasInTurn(records: readonly UsageRecord[], neighbours: readonly ReadonlySet<number>[]): number[] {
  const arenas: number[] = [];
  const order = records.map((_, index) => index).sort((a, b) => (records[a]?.first ?? 0) - (records[b]?.first ?? 0));
  for (const index of order) {
    const taken = new Set([...(neighbours[index] ?? [])].map((other) => arenas[other]));
    let arena = 0;
    while (taken.has(arena)) arena++;
    arenas[index] = arena;
  }
  return arenas;
}

interface Placed extends UsageRecord {
  readonly offset: number;
}

function place(
  records: readonly UsageRecord[],
  neighbours: readonly ReadonlySet<number>[],
  order: readonly number[],
  fixed: readonly number[] = [],
): Assignment & { grown: readonly number[] } {
  const count = Math.max(3, ...fixed.map((arena) => arena + 1));
  const arenas = new Array<number>(count).fill(0);
  const placed = arenas.map((): Placed[] => []);
  const places: { arena: number; offset: number }[] = [];
  const grown: number[] = [];
  for (const index of order) {
    const record = records[index] as UsageRecord;
    const taken = new Set([...(neighbours[index] as ReadonlySet<number>)].map((other) => places[other]?.arena));
    let arena = -1;
    let offset = 0;
    let growth = Number.POSITIVE_INFINITY;
    for (const [candidate, bytes] of arenas.entries()) {
      if (taken.has(candidate) || candidate !== (fixed[index] ?? candidate)) continue;
      const start = findGap(placed[candidate] as Placed[], record);
      const more = Math.max(0, start + align(record.bytes) - bytes);
      if (more < growth) [arena, offset, growth] = [candidate, start, more];
    }
    if (arena < 0) {
      [arena, offset, growth] = [arenas.push(0) - 1, 0, align(record.bytes)];
      placed.push([]);
    }
    if (growth > 0) grown.push(index);
    arenas[arena] = (arenas[arena] as number) + growth;
    placed[arena]?.push({ ...record, offset });
    places[index] = { arena, offset };
  }
  return { arenas, places, grown };
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
