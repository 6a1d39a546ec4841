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

let nudges = 0;

/** Waits for a device, and learns about its browser meanwhile. */
export function createWaiting(device: GPUDevice) {
  /** There if the browser has been seen to notice finished work at once, and `'late'` if that turned out to be wrong. */
  let manner: Waits | 'late' | undefined;

  /**
   * Waits for work of the GPU. A browser may look for finished work only every 100 ms unless something is submitted (Firefox
   * 153 does), so nothing is submitted now and then: each pause is a sixteenth of the time waited so far, and at least the
   * millisecond that timers have, which makes about 60 submissions of a wait of 300 ms.
   */
  async function waitNudging<Result>(work: Promise<Result>): Promise<Result> {
    const start = performance.now();
    const nudge = () => {
      nudges++;
      device.queue.submit([]);
      timer = setTimeout(nudge, (performance.now() - start) / 16);
    };
    let timer = setTimeout(nudge, 1);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Waits for a result, with nudges only where they help: where the browser is prompt they would cost (1 of 12 ms on
   * Chromium's software adapter). An app that submitted something itself while the browser was timed makes any browser seem
   * prompt; so some of the longer waits are compared with others.
   */
  async function waitFor<Result>(work: Promise<Result>): Promise<Result> {
    const waits = manner === 'late' ? undefined : manner;
    const isPlain = waits && waits.nudged.length >= waits.plain.length;
    const start = performance.now();
    const result = await (isPlain ? work : waitNudging(work));
    const duration = performance.now() - start;
    if (isPlain) notePlain(waits, duration);
    else if (waits && noteNudged(waits, duration)) manner = 'late';
    return result;
  }

  /**
   * Finds out whether the browser is prompt. The first time ends when the browser looks, so that a second one takes all the
   * time between two looks; a busy GPU gets a few more chances. A nudge meanwhile would make any browser seem prompt.
   */
  async function timePromptness(): Promise<void> {
    const before = nudges;
    for (let attempt = 0; attempt < 4 && !manner; attempt++) {
      const start = performance.now();
      device.queue.submit([]);
      // A lost device is told where somebody waits for a result.
      await device.queue.onSubmittedWorkDone().catch(() => {});
      if (nudges !== before) return;
      if (attempt > 0 && performance.now() - start < SOON) manner = { plain: [], nudged: [], rest: 0, pause: 8 };
    }
  }

  return { waitFor, waitNudging, timePromptness };
}

function notePlain(waits: Waits, duration: number): void {
  if (waits.rest > 0) waits.rest--;
  else if (duration > SOON) waits.plain.push(duration);
  else begin(waits);
}

/** Two of each tell whether the browser is late: what is submitted in between makes each of them shorter then. */
function noteNudged(waits: Waits, duration: number): boolean {
  const { plain, nudged } = waits;
  nudged.push(duration);
  if (Math.min(plain.length, nudged.length) < 2) return false;
  const isLate = Math.max(...nudged) < 0.75 * Math.min(...plain);
  waits.rest = waits.pause *= 2;
  begin(waits);
  return isLate;
}

function begin({ plain, nudged }: Waits): void {
  plain.length = 0;
  nudged.length = 0;
}
