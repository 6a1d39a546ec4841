import { commandsOf, type Dispatches } from './dispatch.ts';
import { createReadback } from './readback.ts';
import type { Owned, Session } from './session.ts';

/** Milliseconds of the GPU for one execution, over some rounds. */
export interface Timing {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** How to time. */
export interface TimingOptions {
  /** How often each is timed. */
  readonly rounds: number;
  /** Looked at between batches of some milliseconds, or of one execution that takes longer. */
  readonly signal?: AbortSignal | undefined;
}

/** What measures executions of some dispatches, one after another. */
interface Clock {
  /** Milliseconds that are long enough for it. */
  readonly enough: number;
  /** Milliseconds that so many executions take. */
  time(dispatches: Dispatches, executions: number): Promise<number>;
}

const LABEL = 'timing';

/** Executions in a batch at most: what takes less than a microsecond costs nothing. */
const MOST_EXECUTIONS = 4096;

/** How many times as long as the batch before the next one may be: a short one's time is mostly chance. */
const GROWTH = 8;

/**
 * Times each list of dispatches, which may be a single one; what they read may be anything, and what they write is lost.
 * Lists take turns, so that the machine's moods hit all alike, and a short one is executed many times at once.
 */
export async function timeDispatches(
  session: Session,
  lists: readonly Dispatches[],
  { rounds, signal }: TimingOptions,
): Promise<Timing[]> {
  session.requireAlive();
  const owned = session.own();
  try {
    const { enough, time } = session.device.features.has('timestamp-query')
      ? timestampClock(owned)
      : batchClock(session);
    const timeUnlessAborted: Clock['time'] = (dispatches, executions) => {
      signal?.throwIfAborted();
      return time(dispatches, executions);
    };

    const batches: { dispatches: Dispatches; executions: number; times: number[] }[] = [];
    for (const dispatches of lists) {
      const executions = await findExecutions({ enough, time: timeUnlessAborted }, dispatches);
      batches.push({ dispatches, executions, times: [] });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { dispatches, executions, times } of batches) {
        times.push((await timeUnlessAborted(dispatches, executions)) / executions);
      }
    }
    return batches.map(({ times }) => {
      times.sort((a, b) => a - b);
      const [lower, upper] = [times[(rounds - 1) >> 1], times[rounds >> 1]] as [number, number];
      return { median: (lower + upper) / 2, least: times[0] as number, most: times.at(-1) as number };
    });
  } finally {
    owned.destroy();
  }
}

/**
 * How many executions take long enough. It must be seen twice: a driver may compile a kernel when it is first used, and a
 * hiccup of the machine would make a short batch seem long.
 */
async function findExecutions({ enough, time }: Clock, dispatches: Dispatches): Promise<number> {
  for (let executions = 1; ; ) {
    const times = [await time(dispatches, executions), await time(dispatches, executions)];
    if (Math.min(...times) >= enough / 2 || executions === MOST_EXECUTIONS) return executions;
    const factor = Math.min(GROWTH, Math.max(2, enough / Math.max(...times)));
    executions = Math.min(MOST_EXECUTIONS, Math.ceil(executions * factor));
  }
}

/** Chrome rounds timestamps to a tenth of a millisecond. */
function timestampClock(owned: Owned): Clock {
  const { session, adopt, buffer: create } = owned;
  const { device } = session;
  const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const timestamps = adopt(device.createQuerySet({ label: LABEL, type: 'timestamp', count: 2 }));
  const range = { buffer: create(LABEL, 16, QUERY_RESOLVE | COPY_SRC), offset: 0, size: 16 };
  const readback = createReadback(owned, LABEL, [range]);
  return {
    enough: 5,
    async time(dispatches, executions) {
      const [nanoseconds] = await readback((copy) =>
        session.submit(() => {
          const resolve = (encoder: GPUCommandEncoder) => {
            encoder.resolveQuerySet(timestamps, 0, 2, range.buffer, 0);
            copy(encoder);
          };
          return commandsOf(device, LABEL, repeat(dispatches, executions), resolve, timestamps);
        }),
      );
      const [begin, end] = new BigUint64Array(nanoseconds as ArrayBuffer) as unknown as [bigint, bigint];
      return Number(end - begin) / 1e6;
    },
  };
}

/**
 * Waits for twice as many executions and for as many: what waiting itself costs is in both, and not in their difference.
 * The page's clock may tick in milliseconds, and `waitFor` is late by up to a sixteenth.
 */
function batchClock(session: Session): Clock {
  const { queue } = session.device;
  const wait = async (dispatches: Dispatches) => {
    let start = 0;
    const taken = session.submit(() => {
      const commands = commandsOf(session.device, LABEL, dispatches);
      start = performance.now();
      return commands;
    });
    const done = session.waitFor(queue.onSubmittedWorkDone()).then(() => performance.now() - start);
    const [duration] = await Promise.all([done, taken]);
    return duration;
  };
  return {
    enough: 20,
    async time(dispatches, executions) {
      // In this order, as a kernel that is compiled meanwhile must not seem short.
      const twice = await wait(repeat(dispatches, 2 * executions));
      return Math.max(0, twice - (await wait(repeat(dispatches, executions))));
    },
  };
}

const repeat = (dispatches: Dispatches, times: number): Dispatches =>
  Array.from({ length: times }, () => dispatches).flat();
