import { UnsupportedError } from '../common/errors.ts';
import { sum } from '../common/numbers.ts';
import type { Conv2dNode, Node } from '../graph/graph.ts';
import type { JoinedGraph } from '../graph/join.ts';
import { sizesOf } from '../graph/sizes.ts';
import { type Layer, layersOf, planLayer } from '../kernels/lower.ts';
import type { Plan } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import type { Dispatch } from './dispatch.ts';
import { allocateBuffers, type Buffers, bindingsOf, refusedPlan } from './resources.ts';
import type { Owned, Session } from './session.ts';
import { timeDispatches } from './timing.ts';

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

/**
 * So many times as long as the best text so far may the next one be. A compiler that takes long over a large tile, or spills its
 * registers, is met at one of twice the size first, which is slower there.
 */
const MOST_LONGER = 2.5;

/** Estimates differ less than this from the truth: a longer text may take so much more, as it is where they are mostly wrong. */
const DOUBTFUL = 1.1;

/** Where a text so much longer did not win, only those of so much of its length are tried. */
const MUCH_LONGER = 1.5;
const SHORTER = 0.9;

/** Candidates of a layer that are tried. */
const MOST_TRIES = 5;

/** Another candidate must take less than this of the untuned one's time: what is timed, and what other layers' times foretell. */
const MEASURED_GAIN = 0.95;
const FORETOLD_GAIN = 0.9;

const ROUNDS = 2;

/** Layers that the same candidates compute by like texts: what is known of one foretells others. Milliseconds and estimates, by candidate. */
type Speeds = Map<string, { time: number; work: number }>;

/** Layers of equal signature. */
interface Group extends Layer {
  readonly count: number;
  readonly speeds: Speeds;
}

/** A candidate, ready to be timed. */
interface Contender {
  readonly name: string;
  readonly owned: Owned;
  readonly dispatches: readonly Dispatch[];
}

/** Thrown where the time is over. */
const OVER = new Error('The time for tuning is over.');

/**
 * Times the layers of a network that take most of its time, each as several candidates compute it, for two seconds at most:
 * gives the best by the layers' signatures. Of layers that are not timed the best is foretold by those like them; layers of
 * which nothing is known are left out, if they matter. `pipelines` has what was compiled.
 */
export async function tune(
  graph: JoinedGraph,
  target: Target,
  pipelines: Owned,
  { signal, pause, now = () => performance.now() }: TuneOptions = {},
): Promise<ReadonlyMap<string, string>> {
  const { session } = pipelines;
  const found = new Map<string, string>();
  const compiled = new Set<string>();
  let spent = 0;
  let slowest = 0;

  /** Does work that counts, if there is time left. */
  const step = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    signal?.throwIfAborted();
    if (spent >= BUDGET) throw OVER;
    const start = now();
    try {
      return await work();
    } finally {
      const worked = now() - start;
      spent += worked;
      await pause?.(worked);
    }
  };

  /** Of texts that are not compiled yet. */
  const charactersIn = (plan: Plan | undefined) =>
    sum(textsOf(plan).map((text) => (compiled.has(text) ? 0 : text.length)));

  /** Nothing, if the candidate cannot be had. */
  async function prepare(name: string, plan: Plan | undefined): Promise<Contender | undefined> {
    if (!plan) return undefined;
    const characters = charactersIn(plan);
    const owned = session.own();
    try {
      return await step(async () => {
        const start = now();
        const { made: buffers, sound } = session.scoped(() => allocateBuffers(plan, owned), refusedPlan);
        const { bindGroupFor } = bindingsOf(plan, session.device, buffers);
        await sound;
        fill(session, buffers);
        const ready = await Promise.all(
          plan.kernels.map(({ shader }, index) =>
            pipelines.pipeline(plan.name, shader, (pipeline) => bindGroupFor(index, pipeline)),
          ),
        );
        if (characters > 0) slowest = Math.max(slowest, (now() - start) / characters);
        for (const { shader } of plan.kernels) compiled.add(shader);
        const dispatches = session.scoped(
          () =>
            plan.kernels.map(({ workgroups }, index): Dispatch => {
              const pipeline = ready[index] as GPUComputePipeline;
              return { pipeline, bindGroup: bindGroupFor(index, pipeline), workgroups };
            }),
          refusedPlan,
        );
        await dispatches.sound;
        return { name, owned, dispatches: dispatches.made };
      });
    } catch (error) {
      owned.destroy();
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
  }

  /** Finds the best candidate for a layer; among those that were timed before, if there are any. */
  async function tuneGroup(group: Group): Promise<void> {
    const { node, choice, works, signature, speeds } = group;
    const isFirst = speeds.size === 0;
    const plans = new Map<string, Plan | undefined>();
    const planOf = (name: string): Plan | undefined => {
      if (!plans.has(name)) plans.set(name, planUnlessRefused(node, name));
      return plans.get(name);
    };
    const lengthOf = (name: string) => sum(textsOf(planOf(name)).map(({ length }) => length));
    const untried = new Set(Object.keys(works).filter((name) => typeof works[name] === 'number'));
    if (!isFirst && ![...untried].some((name) => isPromising(group, name, choice.name))) return;
    const take = (name: string) => {
      untried.delete(name);
      return prepare(name, planOf(name));
    };
    if (isFirst) found.set(signature, choice.name);
    let best = await take(choice.name);
    if (!best) return;
    let longest = Number.POSITIVE_INFINITY;
    try {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const { name: incumbent } = best;
        const isLikely = (name: string) => {
          const longer = lengthOf(name) / lengthOf(incumbent);
          const most = workIn(group, incumbent) * (longer > DOUBTFUL ? DOUBTFUL : 1);
          return workIn(group, name) < most && longer <= MOST_LONGER && lengthOf(name) <= longest;
        };
        const worthIt = [...untried].filter(
          (name) =>
            (isFirst ? isLikely(name) : isPromising(group, name, incumbent)) &&
            spent + slowest * charactersIn(planOf(name)) < BUDGET,
        );
        const [next] = await step(async () => (isFirst ? byWork : byForetold)(group, worthIt));
        if (next === undefined) break;
        const contender = await take(next);
        if (!contender) {
          speeds.delete(next);
          continue;
        }
        let loser = contender;
        try {
          const pair = [best, contender].map(({ dispatches }) => dispatches.map((dispatch) => [dispatch]));
          const timings = await timeDispatches(session, pair, { rounds: ROUNDS, isBrief: true, step });
          const [time, other] = timings.map(({ least }) => least) as [number, number];
          learn(group, incumbent, time);
          learn(group, next, other);
          if (other < MEASURED_GAIN * time) [loser, best] = [best, contender];
          else if (lengthOf(next) > MUCH_LONGER * lengthOf(incumbent)) longest = SHORTER * lengthOf(next);
          found.set(signature, best.name);
        } finally {
          loser.owned.destroy();
        }
      }
    } finally {
      best.owned.destroy();
    }
  }

  function planUnlessRefused(node: Node, name: string): Plan | undefined {
    try {
      return planLayer(graph, target, node, name);
    } catch (error) {
      if (error instanceof UnsupportedError) return undefined;
      throw error;
    }
  }

  const layers = layersOf(graph, target);
  const groups = groupsOf(layers);
  const total = sum(layers.map((layer) => workIn(layer, layer.choice.name)));
  const shareOf = (group: Group) => (group.count * workIn(group, group.choice.name)) / total;
  const large = groups.filter((group) => shareOf(group) >= LEAST_SHARE).sort((a, b) => shareOf(b) - shareOf(a));
  // First one of each kind.
  const heaviest = large.filter((group, index) => large.findIndex(({ speeds }) => speeds === group.speeds) === index);
  try {
    for (const group of new Set([...heaviest, ...large])) await tuneGroup(group);
  } catch (error) {
    if (error !== OVER) throw error;
  }
  for (const group of groups) {
    const { signature, choice, works, speeds } = group;
    if (found.has(signature)) continue;
    const known = [...speeds.keys()].filter((name) => typeof works[name] === 'number');
    const [best = choice.name] = byForetold(group, known);
    if (isPromising(group, best, choice.name)) found.set(signature, best);
    else if (speeds.size > 0 || !large.includes(group)) found.set(signature, choice.name);
  }
  return found;
}

/** Layers about which the target says nothing yet, each once. */
function groupsOf(layers: readonly Layer[]): Group[] {
  const kinds = new Map<string, Speeds>();
  const groups = new Map<string, Group>();
  for (const layer of layers) {
    if (layer.choice.by !== 'estimate') continue;
    const kind = kindOf(layer.node);
    const speeds: Speeds = kinds.get(kind) ?? new Map();
    kinds.set(kind, speeds);
    const { count } = groups.get(layer.signature) ?? { count: 0 };
    groups.set(layer.signature, { ...layer, speeds, count: count + 1 });
  }
  return [...groups.values()];
}

/** What the texts of a node's candidates depend on, but for what is added to its result. */
function kindOf(node: Node): string {
  const { filter, strides, dilations, groups, prologue }: Partial<Conv2dNode> = node as Conv2dNode;
  const { slices, pixels } = sizesOf(node.output);
  const inputs = sizesOf(node.inputs[0] ?? node.output).slices;
  const isDepthwise = filter?.shape[1] === 1 && groups === filter.shape[0];
  return JSON.stringify([
    node.op,
    filter?.shape.slice(2),
    strides,
    dilations,
    isDepthwise || (groups ?? 1) > 1,
    isDepthwise,
    prologue?.kind,
    inputs === 1,
    slices === 1,
    pixels === 1,
  ]);
}

const textsOf = (plan: Plan | undefined) => [...new Set(plan?.kernels.map(({ shader }) => shader))];

const workIn = ({ works }: Layer, name: string) => works[name] as number;

/** What a candidate would take: as much longer than its estimate as it took before, or else as all did that were timed. */
function foretold(group: Group, name: string): number {
  const known = group.speeds.get(name);
  const speeds = known ? [known] : [...group.speeds.values()];
  return (workIn(group, name) * sum(speeds.map(({ time }) => time))) / sum(speeds.map(({ work }) => work));
}

const byWork = (group: Group, names: readonly string[]) =>
  [...names].sort((a, b) => workIn(group, a) - workIn(group, b));

const byForetold = (group: Group, names: readonly string[]) =>
  [...names].sort((a, b) => foretold(group, a) - foretold(group, b));

const isPromising = (group: Group, name: string, than: string) =>
  group.speeds.has(name) && foretold(group, name) < FORETOLD_GAIN * foretold(group, than);

function learn(group: Group, name: string, time: number): void {
  const known = group.speeds.get(name) ?? { time: 0, work: 0 };
  group.speeds.set(name, { time: known.time + time, work: known.work + workIn(group, name) });
}

/** Writes something harmless. */
function fill({ device: { queue } }: Session, { arenas, weights, textures }: Buffers): void {
  const written = [...arenas, ...weights].map(({ size }) => size);
  const texels = textures.map((texture) => (texture ? texelBytes(texture) * texture.width * texture.height : 0));
  // Halves from 0.5 to 1, which as floats are small and not denormal either; what is all alike a GPU may compress.
  const pattern = new Uint16Array(Math.max(...written, ...texels) / 2);
  for (let index = 0; index < pattern.length; index++) pattern[index] = 0x3800 | ((index * 40503) & 0x3ff);
  for (const buffer of [...arenas, ...weights]) queue.writeBuffer(buffer, 0, pattern, 0, buffer.size / 2);
  for (const texture of textures) {
    if (!texture) continue;
    const { width, height } = texture;
    queue.writeTexture({ texture }, pattern, { bytesPerRow: texelBytes(texture) * width }, { width, height });
  }
}

const texelBytes = ({ format }: GPUTexture) => (format === 'rgba16float' ? 8 : 16);
