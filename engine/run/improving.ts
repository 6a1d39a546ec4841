import type { Plan } from '../plan/plan.ts';
import { type Executable, load } from './executable.ts';
import type { LoadOptions } from './resources.ts';

/**
 * Looks for a better plan while another one runs, and has it take over, which is done when the promise that `takeOver` gives is
 * resolved. Ends at `signal`.
 */
export type Improve = (takeOver: (plan: Plan) => Promise<void>, signal: AbortSignal) => Promise<void>;

/**
 * `load`, and when the first run is done, or before the first one is recorded, `improve`. What that rejects with leaves all as
 * it is. The buffers of the results stay, whichever plan runs.
 */
export async function loadImproving(plan: Plan, options: LoadOptions, improve: Improve): Promise<Executable> {
  let executable = await load(plan, options);
  const { device, outputs } = executable;
  const buffers = Object.values(outputs).map(({ buffer }) => buffer);
  /** Of a better plan, until it takes over. */
  let heir: Executable | undefined;
  /** Those that are under way. */
  let runs: Promise<unknown> = Promise.resolve();
  /** Whether the app has commands that it may not have submitted yet; it has when it asks for the next run. */
  let isRecorded = false;
  let search: Improve | undefined = improve;
  const ending = new AbortController();
  const { signal } = ending;

  /** What runs next, or is recorded by the app. */
  const current = (records = false): Executable => {
    isRecorded = records;
    if (records) improveOnce();
    if (heir) {
      const { destroy } = executable;
      runs.then(() => destroy(buffers));
      [executable, heir] = [heir, undefined];
    }
    return executable;
  };

  const takeOver = async (better: Plan) => {
    const loaded = await load(better, { ...options, onProgress: undefined, signal, outputs });
    if (signal.aborted) loaded.destroy();
    else heir = loaded;
    if (!isRecorded) current();
  };

  const improveOnce = () => {
    search?.(takeOver, signal).catch(() => {});
    search = undefined;
  };

  /** Whatever takes over meanwhile, what a run uses is there until it is done. */
  const finish = <Result>(run: Promise<Result>): Promise<Result> => {
    runs = Promise.allSettled([runs, run]).then(() => {});
    return run.finally(improveOnce);
  };

  return {
    get plan() {
      return executable.plan;
    },
    device,
    outputs,
    encode: (...recorded) => current(true).encode(...recorded),
    encodeUntil: (...recorded) => current(true).encodeUntil(...recorded),
    dispatch: (inputs) => finish(current().dispatch(inputs)),
    run: (inputs) => finish(current().run(inputs)),
    profile: (how) => finish(current().profile(how)),
    destroy() {
      ending.abort();
      heir?.destroy();
      executable.destroy();
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
