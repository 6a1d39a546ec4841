import { InputError, UnsupportedError } from '../common/errors.ts';

/** Milliseconds within which a browser that is prompt notices that nothing was to be done. */
const SOON = 25;

/**
 * The last waits, in milliseconds: `plain` ones, and as many with nudges, to be compared; both begin anew when a plain one
 * was short. What comes next are `rest` plain ones before the next comparison, `pause` the time after.
 */
interface Waits {
  readonly plain: number[];
  readonly nudged: number[];
  rest: number;
  pause: number;
}

/** Devices whose browser has been seen to notice finished work at once, or `'late'`, if that turned out to be wrong. */
const manners = new WeakMap<GPUDevice, Waits | 'late'>();
let nudges = 0;

/**
 * Waits for work of the GPU. A browser may look for finished work only every 100 ms unless something is submitted (Firefox
 * 153 does), so nothing is submitted now and then: each pause is a sixteenth of the time waited so far, and at least the
 * millisecond that timers have, which makes about 60 submissions of a wait of 300 ms. Where the browser is prompt that
 * would only cost (1 of 12 ms on Chromium's software adapter), so there it is not done. An app that submitted something
 * itself while the browser was timed makes any browser seem prompt; so some of the longer waits are compared with others.
 */
export async function waitFor<Result>(device: GPUDevice, work: Promise<Result>): Promise<Result> {
  const waits = manners.get(device);
  const start = performance.now();
  if (waits && waits !== 'late' && waits.nudged.length >= waits.plain.length) {
    const result = await work;
    notePlain(waits, performance.now() - start);
    return result;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const nudge = () => {
    nudges++;
    device.queue.submit([]);
    timer = setTimeout(nudge, (performance.now() - start) / 16);
  };
  timer = setTimeout(nudge, 1);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    if (waits && waits !== 'late') noteNudged(device, waits, performance.now() - start);
  }
}

function notePlain(waits: Waits, duration: number): void {
  if (waits.rest > 0) waits.rest--;
  else if (duration > SOON) waits.plain.push(duration);
  else begin(waits);
}

/** Two of each tell: what is submitted in between makes each of them shorter where the browser is late. */
function noteNudged(device: GPUDevice, waits: Waits, duration: number): void {
  const { plain, nudged } = waits;
  nudged.push(duration);
  if (Math.min(plain.length, nudged.length) < 2) return;
  if (Math.max(...nudged) < 0.75 * Math.min(...plain)) manners.set(device, 'late');
  waits.rest = waits.pause *= 2;
  begin(waits);
}

function begin({ plain, nudged }: Waits): void {
  plain.length = 0;
  nudged.length = 0;
}

/**
 * Finds out whether the browser is prompt. The first time ends when the browser looks, so that a second one takes all the
 * time between two looks; a busy GPU gets a few more chances. A nudge meanwhile would make any browser seem prompt.
 */
export async function timePromptness(device: GPUDevice): Promise<void> {
  const before = nudges;
  for (let attempt = 0; attempt < 4 && !manners.has(device); attempt++) {
    const start = performance.now();
    device.queue.submit([]);
    // A lost device is told where somebody waits for a result.
    await device.queue.onSubmittedWorkDone().catch(() => {});
    if (nudges !== before) return;
    if (attempt > 0 && performance.now() - start < SOON) {
      manners.set(device, { plain: [], nudged: [], rest: 0, pause: 8 });
    }
  }
}

/**
 * Does `work`, and gives the promise that the device took it: an `UnsupportedError` tells that memory ran out, and else
 * `refusal` makes the error. Scopes are closed before anything is awaited: they are a stack of the device, which others use.
 */
export function scoped<Result>(
  device: GPUDevice,
  work: () => Result,
  refusal: (message: string) => Error,
): { made: Result; sound: Promise<void> } {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const close = () => Promise.all([device.popErrorScope(), device.popErrorScope()]);
  let made: Result;
  try {
    made = work();
  } catch (error) {
    close().catch(() => {});
    throw error;
  }
  const sound = close().then(([validation, memory]) => {
    if (memory) throw new UnsupportedError(`The GPU has not enough memory: ${memory.message}`);
    if (validation) throw refusal(validation.message);
  });
  // It may be awaited later, when it has been rejected for some time.
  sound.catch(() => {});
  return { made, sound };
}

/** What the device says of a run that it refuses. */
export const refusedRun = (message: string) =>
  new InputError(`The GPU refuses the run; is a buffer or texture destroyed, or another device's? ${message}`);
