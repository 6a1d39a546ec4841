import { UnsupportedError } from '../common/errors.ts';
import { sum } from '../common/numbers.ts';
import type { DividedGraph } from '../graph/divide.ts';
import type { Conv2dNode } from '../graph/graph.ts';
import type { KernelTarget } from '../kernels/candidates.ts';
import { type Layer, layersOf, planLayer } from '../kernels/layers.ts';
import type { Plan } from '../plan/plan.ts';
import type { Dispatch, Dispatches } from './dispatch.ts';
import { allocate, type Resources } from './resources.ts';
import type { Owned } from './session.ts';
import { type Batch, timeDispatches } from './timing.ts';

export interface TuneOptions {
  readonly signal?: AbortSignal | undefined;
  /** Leaves the device to others after so many milliseconds of work, which do not count. */
  readonly pause?: ((worked: number) => Promise<void>) | undefined;
  /** The clock, in milliseconds. */
  readonly now?: (() => number) | undefined;
}

/** Milliseconds for compiling and timing together. */
const BUDGET = 1900;

/** Layers that take less of the network's estimated work are not timed. */
const LEAST_SHARE = 0.01;

/** Candidates of a layer that are tried, and that may lose in a row. */
const MOST_TRIES = 5;
const MOST_LOSSES = 2;

/** Estimates differ less than this from the truth: a longer text may take so much more, as it is where they are mostly wrong. */
const DOUBTFUL = 1.1;

/**
 * So many times as long as the best text so far may the next one be. A compiler that takes long over a large tile, or spills its
 * registers, is met at one of twice the size first, which is slower there.
 */
const MOST_LONGER = 2.5;

/** Where a text so much longer did not win, only those of so much of its length are tried. */
const MUCH_LONGER = 1.5;
const SHORTER = 0.9;

/** Another candidate must take less than this of the untuned one's time: what is timed, and what other layers' times foretell. */
const MEASURED_GAIN = 0.95;
const FORETOLD_GAIN = 0.9;

const ROUNDS = 2;

/** Layers of equal signature. */
interface Group extends Layer {
  /** That of the untuned candidate, for all of them. */
  readonly work: number;
  readonly kind: Kind;
}

/** What the same candidates compute by like texts. */
interface Kind {
  /** Of all its layers. */
  work: number;
  /** Milliseconds over estimated work, by candidate. */
  readonly speeds: Map<string, number>;
}

/** A candidate of a layer. */
interface Contender {
  readonly name: string;
  readonly plan: Plan;
  /** Characters of its texts. */
  readonly length: number;
}

/**
 * Times the layers of a network that take most of its time, each as several candidates compute it, for two seconds at most:
 * gives the best by the layers' signatures. Of layers that are not timed the best is foretold by those like them; layers of
 * which nothing is known are left out, if they matter. `pipelines` has what was compiled.
 */
export async function tune(
  graph: DividedGraph,
  target: KernelTarget,
  pipelines: Owned,
  { signal, pause, now = () => performance.now() }: TuneOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const { session } = pipelines;
  const found = new Map<string, string>();
  let spent = 0;
  /** Milliseconds for a character, at most. */
  let slowest = 0;

  /** Does work that counts, if there is time left. */
  const step = async <Result>(work: () => Result | Promise<Result>): Promise<Result> => {
    signal?.throwIfAborted();
    if (spent >= BUDGET) throw new UnsupportedError('The time for tuning is over.');
    const start = now();
    try {
      return await work();
    } finally {
      const worked = now() - start;
      spent += worked;
      await pause?.(worked);
    }
  };

  /** With zeros for weights. */
  const prepare = ({ plan, length }: Contender): Promise<Resources> =>
    step(async () => {
      const start = now();
      const resources = await allocate(plan, session, { device: session.device, weights: undefined, signal });
      for (const { shader } of plan.kernels) await pipelines.pipeline(plan.name, shader);
      slowest = Math.max(slowest, (now() - start) / length);
      return resources;
    });

  /**
   * Finds the best candidate for a layer: if it is the first of its kind, among those that are likely by their estimates, else
   * by the times of such layers. What the device refuses, or the end of the time, ends it.
   */
  async function tuneGroup(group: Group, isFirst: boolean): Promise<void> {
    const { node, untuned, works, signature, kind } = group;
    const [isWorthIt, cost] = isFirst ? [isLikely, workIn] : [isPromising, foretold];
    const names = Object.keys(works).filter((name) => name !== untuned && isWorthIt(group, name, untuned));
    if (names.length === 0) return;
    names.sort((a, b) => cost(group, a) - cost(group, b));
    const contenders = await step(() =>
      [untuned, ...names].map((name): Contender => {
        const plan = planLayer(graph, target, node, name);
        const texts = [...new Set(plan.kernels.map(({ shader }) => shader))];
        return { name, plan, length: sum(texts.map((text) => text.length)) };
      }),
    );
    found.set(signature, untuned);
    let best = contenders.shift() as Contender;
    let resources = await prepare(best);
    let longest = Number.POSITIVE_INFINITY;
    let losses = 0;
    /** A text that is hardly longer must save work by its estimate. */
    const isEnough = (name: string, length: number) =>
      length > DOUBTFUL * best.length || workIn(group, name) < workIn(group, best.name);
    try {
      for (let tries = 0; tries < MOST_TRIES && losses < MOST_LOSSES; tries++) {
        const index = contenders.findIndex(
          ({ name, length }) =>
            isWorthIt(group, name, best.name) &&
            (!isFirst || (length <= Math.min(longest, MOST_LONGER * best.length) && isEnough(name, length))) &&
            spent + slowest * length < BUDGET,
        );
        if (index < 0) break;
        const [other] = contenders.splice(index, 1) as [Contender];
        let others = await prepare(other);
        try {
          const pair = [resources, others].map(({ dispatches }) => dispatches.map((dispatch) => [dispatch]));
          const timings = await timeDispatches(session, pair, { rounds: ROUNDS, step, partOf });
          const [time, otherTime] = timings.map(({ least }) => least) as [number, number];
          kind.speeds.set(best.name, time / workIn(group, best.name));
          kind.speeds.set(other.name, otherTime / workIn(group, other.name));
          if (otherTime < MEASURED_GAIN * time) {
            [resources, others] = [others, resources];
            best = other;
            found.set(signature, best.name);
            losses = 0;
          } else {
            losses++;
            if (other.length > MUCH_LONGER * best.length) longest = SHORTER * other.length;
          }
        } finally {
          others.owned.destroy();
        }
      }
    } finally {
      resources.owned.destroy();
    }
  }

  const groups = groupsOf(layersOf(graph, target));
  const total = sum(groups.map(({ work }) => work));
  const large = groups
    .filter(({ work }) => work >= LEAST_SHARE * total)
    .sort((a, b) => b.kind.work - a.kind.work || b.work - a.work);
  for (const isFirst of [true, false]) {
    for (const group of large) {
      if (isFirst ? group.kind.speeds.size > 0 : found.has(group.signature)) continue;
      await tuneGroup(group, isFirst).catch((error) => {
        if (!(error instanceof UnsupportedError)) throw error;
      });
    }
  }
  for (const group of groups) {
    const { signature, untuned } = group;
    const { speeds } = group.kind;
    if (found.has(signature) || (speeds.size === 0 && spent >= BUDGET && large.includes(group))) continue;
    const promising = [...speeds.keys()].filter((name) => isPromising(group, name, untuned));
    const [best = untuned] = promising.sort((a, b) => foretold(group, a) - foretold(group, b));
    found.set(signature, best);
  }
  return found;
}

/** So many workgroups of each dispatch at least, so that no core of a CPU idles. */
const LEAST_WORKGROUPS = 8;

function partOf(dispatches: Dispatches, wanted: number): Batch {
  const least = dispatches.flat().map(({ workgroups }) => LEAST_WORKGROUPS / Math.max(...workgroups));
  const part = Math.min(1, Math.max(wanted, ...least));
  const cut = dispatches.map((kernel) => kernel.map((dispatch) => cutOf(dispatch, part)));
  return { dispatches: cut, executions: countIn(cut) / countIn(dispatches) };
}

function cutOf(dispatch: Dispatch, part: number): Dispatch {
  const [x, y, z] = dispatch.workgroups;
  const most = Math.max(x, y, z);
  const cut = (count: number) => (count === most ? Math.ceil(count * part) : count);
  return { ...dispatch, workgroups: [cut(x), cut(y), cut(z)] };
}

const countIn = (dispatches: Dispatches) => sum(dispatches.flat().map(({ workgroups: [x, y, z] }) => x * y * z));

function groupsOf(layers: readonly Layer[]): Group[] {
  const kinds = new Map<string, Kind>();
  const groups = new Map<string, Group>();
  for (const layer of layers) {
    const name = kindOf(layer);
    const kind = kinds.get(name) ?? { work: 0, speeds: new Map() };
    kinds.set(name, kind);
    const work = workIn(layer, layer.untuned);
    kind.work += work;
    const before = groups.get(layer.signature)?.work ?? 0;
    groups.set(layer.signature, { ...layer, kind, work: before + work });
  }
  return [...groups.values()];
}

/** What the texts of a layer's candidates depend on, but for what is added to its result; the untuned one says much of it. */
function kindOf({ node, untuned }: Layer): string {
  const { filter, strides, dilations, groups = 1, prologue }: Partial<Conv2dNode> = node as Conv2dNode;
  return JSON.stringify([untuned, filter?.shape.slice(2), strides, dilations, groups > 1, prologue?.kind]);
}

/** No number where the candidate cannot compute it; then it compares with nothing. */
const workIn = ({ works }: Layer, name: string) => Number(works[name]);

/** What a candidate would take, as much longer than its estimate as it took before; no number where that is not known. */
const foretold = (group: Group, name: string) => workIn(group, name) * Number(group.kind.speeds.get(name));

const isLikely = (group: Group, name: string, than: string) => workIn(group, name) < DOUBTFUL * workIn(group, than);

const isPromising = (group: Group, name: string, than: string) =>
  foretold(group, name) < FORETOLD_GAIN * foretold(group, than);
