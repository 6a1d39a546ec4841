import { optional, POSITIVE_INTEGER, SIGNAL } from '../common/kinds.ts';
import { type OptionTable, readTable } from '../common/options.ts';
import type { Resources } from './resources.ts';
import { type Timing, timeDispatches } from './timing.ts';

export interface ProfileOptions {
  /** How often each kernel is timed; 5 unless given. */
  rounds?: number | undefined;
  /** Ends the work early: `profile` rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

const PROFILE_OPTIONS = {
  rounds: [POSITIVE_INTEGER, 5],
  signal: [optional(SIGNAL), undefined],
} as const satisfies OptionTable & Record<keyof ProfileOptions, unknown>;

/** How long the GPU takes for a network. */
export interface Profile {
  /** One for each of the plan's kernels, in their order. */
  readonly kernels: readonly Timing[];
  /** All of them, one after another. */
  readonly network: Timing;
}

export async function profile({ owned, dispatches }: Resources, options: ProfileOptions = {}): Promise<Profile> {
  const kernels = dispatches.map((dispatch) => [dispatch]);
  const lists = [...kernels.map((kernel) => [kernel]), kernels];
  const { rounds, signal } = readTable(options, PROFILE_OPTIONS);
  const timings = await timeDispatches(owned.session, lists, {
    rounds,
    step(batch) {
      signal?.throwIfAborted();
      return batch();
    },
  });
  return { kernels: timings.slice(0, -1), network: timings.at(-1) as Timing };
}
