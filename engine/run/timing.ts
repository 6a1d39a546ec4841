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
  /** Does each batch, of some milliseconds or of one execution that takes longer, when it is time for it. */
  readonly step: (batch: () => Promise<number>) => Promise<number>;
  /**
   * Where a few milliseconds have to do, of pipelines that have been used: makes about such a part of one execution. Of what
   * takes longer a part is timed.
   */
  readonly partOf?: ((dispatches: Dispatches, part: number) => Batch) | undefined;
}

/** What is timed at once: executions of the dispatches, or a part of one. */
export interface Batch {
  readonly dispatches: Dispatches;
  readonly executions: number;
}

interface TimedBatch extends Batch {
  /** Milliseconds of one execution. */
  readonly times: number[];
}

/** What measures executions of some dispatches, one after another. */
interface Clock {
  /** Milliseconds that are long enough for it. */
  readonly enough: number;
  /** Milliseconds that these take. */
  time(dispatches: Dispatches): Promise<number>;
}

const LABEL = 'timing';

/** Executions in a batch at most: what takes less than a microsecond costs nothing. */
const MOST_EXECUTIONS = 4096;

/** With what part of an execution timing begins, where a part may do. */
const LEAST_PART = 1 / 64;

/** How many times as long as the batch before the next one may be: a short one's time is mostly chance. */
const GROWTH = 8;

/**
 * Times each list of dispatches, which may be a single one; what they read may be anything, and what they write is lost.
 * Lists take turns, so that the machine's moods hit all alike, and a short one is executed many times at once.
 */
export async function timeDispatches(
  session: Session,
  lists: readonly Dispatches[],
  { rounds, step, partOf }: TimingOptions,
): Promise<Timing[]> {
  session.requireAlive();
  const owned = session.own();
  try {
    const { enough, time } = session.device.features.has('timestamp-query')
      ? timestampClock(owned)
      : batchClock(session);
    const timeInStep: Clock['time'] = (dispatches) => step(() => time(dispatches));

    const batches: TimedBatch[] = [];
    for (const dispatches of lists) {
      batches.push(await findBatch({ enough, time: timeInStep }, dispatches, partOf));
    }
    for (let round = 0; round < rounds; round++) {
      for (const { dispatches, executions, times } of batches) {
        times.push((await timeInStep(dispatches)) / executions);
      }
    }
    return batches.map(({ times }) => {
      times.sort((a, b) => a - b);
      const [lower, upper] = [times[(times.length - 1) >> 1], times[times.length >> 1]] as [number, number];
      return { median: (lower + upper) / 2, least: times[0] as number, most: times.at(-1) as number };
    });
  } finally {
    owned.destroy();
  }
}

/**
 * How many executions take long enough. It must be seen twice, but where it is to be brief: a driver may compile a kernel when
 * it is first used, and a hiccup of the machine would make a short batch seem long.
 */
async function findBatch(
  { enough, time }: Clock,
  dispatches: Dispatches,
  partOf: TimingOptions['partOf'],
): Promise<TimedBatch> {
  for (let wanted = partOf ? LEAST_PART : 1; ; ) {
    const count = Math.ceil(wanted);
    const batch =
      partOf && wanted < 1 ? partOf(dispatches, wanted) : { dispatches: repeat(dispatches, count), executions: count };
    const times = [await time(batch.dispatches)];
    if (!partOf) times.push(await time(batch.dispatches));
    if (Math.min(...times) >= enough / 2 || wanted >= MOST_EXECUTIONS) {
      return { ...batch, times: partOf ? times.map((duration) => duration / batch.executions) : [] };
    }
    const factor = Math.min(GROWTH, Math.max(2, enough / Math.max(...times)));
    wanted = Math.min(MOST_EXECUTIONS, batch.executions * factor);
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
    async time(dispatches) {
      const [nanoseconds] = await readback((copy) =>
        session.submit(() => {
          const resolve = (encoder: GPUCommandEncoder) => {
            encoder.resolveQuerySet(timestamps, 0, 2, range.buffer, 0);
            copy(encoder);
          };
          return commandsOf(device, LABEL, dispatches, resolve, timestamps);
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
    async time(dispatches) {
      // In this order, as a kernel that is compiled meanwhile must not seem short.
      const twice = await wait(repeat(dispatches, 2));
      return Math.max(0, twice - (await wait(dispatches)));
    },
  };
}

const repeat = (dispatches: Dispatches, times: number): Dispatches =>
  Array.from({ length: times }, () => dispatches).flat();
