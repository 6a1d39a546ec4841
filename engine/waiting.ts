import { InputError, UnsupportedError } from './errors.ts';

/**
 * Waits for work of the GPU. A browser may look for finished work only every 100 ms unless something is submitted (Firefox
 * 153 does), so nothing is submitted now and then: each pause is a sixteenth of the time waited so far, and at least the
 * millisecond that timers have, which makes about 60 submissions of a wait of 300 ms.
 */
export async function waitFor<Result>(device: GPUDevice, work: Promise<Result>): Promise<Result> {
  const start = performance.now();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const nudge = () => {
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
  let errors: Promise<(GPUError | null)[]> | undefined;
  try {
    const made = work();
    errors = Promise.all([device.popErrorScope(), device.popErrorScope()]);
    const sound = errors.then(([validation, memory]) => {
      if (memory) throw new UnsupportedError(`The GPU has not enough memory: ${memory.message}`);
      if (validation) throw refusal(validation.message);
    });
    return { made, sound };
  } catch (error) {
    errors ??= Promise.all([device.popErrorScope(), device.popErrorScope()]);
    errors.catch(() => {});
    throw error;
  }
}

/** What the device says of a run that it refuses. */
export const refusedRun = (message: string) =>
  new InputError(`The GPU refuses the run; is a buffer or texture destroyed, or another device's? ${message}`);
