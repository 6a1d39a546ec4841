import type { DividedGraph } from '../graph/divide.ts';
import type { KernelTarget } from '../kernels/candidates.ts';
import { layersOf, withTuned } from '../kernels/layers.ts';
import { planGraph } from '../kernels/lower.ts';
import type { Plan } from '../plan/plan.ts';
import type { Lease } from './device.ts';
import { load } from './executable.ts';
import { type Improve, loadImproving } from './improving.ts';
import { keepChoices, keptChoices, tuningKeyOf } from './kept.ts';
import { createNetwork, type Network, type NetworkOptions } from './network.ts';
import { sessionOf } from './session.ts';
import { type TuneOptions, tune } from './tune.ts';

/** The GPU is the app's for three times as long as it was worked with, and for a frame at least. */
const leaveAlone = (worked: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(16, 3 * worked)));

/**
 * `createNetwork` with what was found on earlier visits, and else with what is found now: before, or in the background after
 * the first run.
 */
export async function createTunedNetwork<Outputs extends string>(
  graph: DividedGraph,
  untuned: KernelTarget,
  options: NetworkOptions & { readonly inBackground: boolean },
  lease: Lease,
  acquire: () => Promise<Lease>,
): Promise<Network<Outputs>> {
  const { inBackground, weights, signal } = options;
  const key = tuningKeyOf(untuned.capabilities);
  const kept = Object.entries(await keptChoices(key));
  const layers = layersOf(graph, untuned);
  const target = withTuned(untuned, layers, new Map(kept));
  const plan = planGraph(graph, target);
  const create = (plan: Plan, loadPlan = load) => createNetwork<Outputs>(plan, options, lease, acquire, loadPlan);
  if (plan.kernels.every(({ choice }) => choice?.by !== 'estimate')) return create(plan);

  /** Hands on the plan that tuning leads to, while what it has compiled is there, and keeps what was found if that can be used. */
  const thenTuned = async <Result>(use: (plan: Plan) => Promise<Result>, how: TuneOptions): Promise<Result> => {
    const pipelines = sessionOf(lease.device).own();
    try {
      const found = await tune(graph, target, pipelines, how);
      const result = await use(planGraph(graph, withTuned(untuned, layers, new Map([...kept, ...found]))));
      await keepChoices(key, Object.fromEntries(found));
      return result;
    } finally {
      pipelines.destroy();
    }
  };
  if (!inBackground) return thenTuned(create, { signal });
  const improve: Improve = async (takeOver, signal) => {
    // Planning takes a while, and the first result is not to wait for it.
    await leaveAlone(0);
    await thenTuned(
      async (better) => {
        // What is not held in memory is not fetched anew: it is for the next visit.
        const held = typeof weights === 'function' ? await weights() : weights;
        if (!held?.flow && better.kernels.some(({ shader }, index) => shader !== plan.kernels[index]?.shader)) {
          await takeOver(better);
        }
      },
      { signal, pause: leaveAlone },
    );
  };
  const { device } = lease;
  return create(plan, (plan, options) =>
    options.device === device ? loadImproving(plan, options, improve) : load(plan, options),
  );
}
