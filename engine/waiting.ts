import { InputError, UnsupportedError } from './errors.ts';

/** Devices whose browser has been seen to notice finished work at once. */
const prompt = new WeakSet<GPUDevice>();
let nudges = 0;

/**
 * Waits for work of the GPU. A browser may look for finished work only every 100 ms unless something is submitted (Firefox
 * 153 does), so nothing is submitted now and then: each pause is a sixteenth of the time waited so far, and at least the
 * millisecond that timers have, which makes about 60 submissions of a wait of 300 ms. Where the browser is prompt that
 * would only cost (1 of 12 ms on Chromium's software adapter), so there it is not done.
 */
export async function waitFor<Result>(device: GPUDevice, work: Promise<Result>): Promise<Result> {
  if (prompt.has(device)) return work;
  const start = performance.now();
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
  }
}

/**
 * Finds out whether the browser is prompt. The first time ends when the browser looks, so that a second one takes all the
 * time between two looks; a busy GPU gets a few more chances. A nudge meanwhile would make any browser seem prompt.
 */
export async function timePromptness(device: GPUDevice): Promise<void> {
  const before = nudges;
  for (let attempt = 0; attempt < 4 && !prompt.has(device); attempt++) {
    const start = performance.now();
    device.queue.submit([]);
    // A lost device is told where somebody waits for a result.
    await device.queue.onSubmittedWorkDone().catch(() => {});
    if (nudges !== before) return;
    if (attempt > 0 && performance.now() - start < 25) prompt.add(device);
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
