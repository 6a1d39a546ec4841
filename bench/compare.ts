import type { Timing } from 'linnet';
import type { NetworkReport, Report } from '../demo/bench/measure.ts';

/** Milliseconds, and the bounds between which noise moves them. */
export interface Range {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** A number now against one before; below 1 is faster. */
export interface Change {
  readonly before: number;
  readonly now: number;
  readonly ratio: number;
  /** Each median lies outside the other's bounds; what was measured once is never. */
  readonly beyondNoise: boolean;
}

export interface NetworkChange {
  readonly name: string;
  readonly run: Change;
  readonly gpu: Change;
  readonly ready: Change;
  readonly dispatchCpu: Change;
  /** Of the pipelines, made and used for the first time. */
  readonly pipelines: Change;
  /** By name, those that differ beyond noise or are in one of the reports only; the largest change first. */
  readonly kernels: readonly {
    readonly name: string;
    readonly kind: string;
    readonly change: Change | 'new' | 'gone';
  }[];
}

const isOutside = (value: number, { low, high }: Range) => value < low || value > high;

export function changeOf(before: Range, now: Range): Change {
  return {
    before: before.median,
    now: now.median,
    ratio: now.median / before.median,
    beyondNoise: isOutside(before.median, now) && isOutside(now.median, before),
  };
}

const once = (ms: number): Range => ({ median: ms, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
const ranged = ({ median, least, most }: Timing): Range => ({ median, low: least, high: most });

function compareNetworks(before: NetworkReport, now: NetworkReport): NetworkChange {
  const pipelinesOf = ({ pipelines }: NetworkReport) =>
    pipelines.reduce((sum, { createMs, firstUseMs }) => sum + createMs + firstUseMs, 0);
  const left = new Map(before.kernels.map((kernel) => [kernel.name, kernel]));
  const kernels: NetworkChange['kernels'][number][] = now.kernels.map(({ name, kind, ms }) => {
    const same = left.get(name);
    left.delete(name);
    const change = same ? changeOf(ranged(same.ms), ranged(ms)) : 'new';
    return { name, kind, change };
  });
  for (const { name, kind } of left.values()) kernels.push({ name, kind, change: 'gone' });
  const sizeOf = ({ change }: (typeof kernels)[number]) =>
    typeof change === 'string' ? 0 : Math.abs(change.now - change.before);
  return {
    name: now.name,
    run: changeOf(before.run, now.run),
    gpu: changeOf(ranged(before.gpu), ranged(now.gpu)),
    ready: changeOf(once(before.compileMs + before.firstRunMs), once(now.compileMs + now.firstRunMs)),
    dispatchCpu: changeOf(before.dispatchCpu, now.dispatchCpu),
    pipelines: changeOf(once(pipelinesOf(before)), once(pipelinesOf(now))),
    kernels: kernels
      .filter(({ change }) => typeof change === 'string' || change.beyondNoise)
      .sort((a, b) => sizeOf(b) - sizeOf(a)),
  };
}

/** The networks that both reports have, in the order of `now`; in another precision it is another network. */
export function compareReports(before: Report, now: Report): NetworkChange[] {
  return now.networks.flatMap((network) => {
    const same = before.networks.find(
      ({ name, precision }) => name === network.name && precision === network.precision,
    );
    return same ? [compareNetworks(same, network)] : [];
  });
}

/** Why two reports say little of each other, if they do. */
export function differencesOf(before: Report, now: Report): string[] {
  const adapterOf = ({ adapter }: Report) => Object.values(adapter).join(' ');
  const differences: string[] = [];
  if (adapterOf(before) !== adapterOf(now)) {
    differences.push(`another adapter: ${adapterOf(before)}; now ${adapterOf(now)}`);
  }
  if (before.platform !== now.platform) differences.push(`another platform: ${before.platform}; now ${now.platform}`);
  for (const [what, ratio] of [
    ['arithmetic', now.machine.gflops / before.machine.gflops],
    ['memory', now.machine.gigabytes / before.machine.gigabytes],
  ] as const) {
    if (Math.abs(Math.log(ratio)) > Math.log(1.1)) {
      differences.push(`the machine was in another mood: its ${what} is ${ratio.toFixed(2)} times as fast now`);
    }
  }
  return differences;
}
