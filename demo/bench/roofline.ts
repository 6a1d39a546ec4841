/** What an adapter can do at best. */
export interface Machine {
  /** Of multiply-adds in registers, each of which counts as two operations. */
  readonly gflops: number;
  /** Read and written together, 1e9 bytes a second. */
  readonly gigabytes: number;
}

export interface Work {
  readonly macs: number;
  /** Read and written. */
  readonly bytes: number;
}

/** How near work comes to what the adapter allows (https://doi.org/10.1145/1498765.1498785), and by what it is bound. */
export interface Placed {
  /** Billions of operations a second. */
  readonly gflops: number;
  /** Of the speed that arithmetic and memory allow, from 0 to 1; above 1 where a cache holds what is read. */
  readonly share: number;
  readonly bound: 'arithmetic' | 'memory';
}

/** Work that took so many milliseconds, under the roof of min(peak, intensity x bandwidth). */
export function placeUnderRoof({ macs, bytes }: Work, ms: number, machine: Machine): Placed {
  const arithmetic = (2 * macs) / machine.gflops / 1e6;
  const memory = bytes / machine.gigabytes / 1e6;
  return {
    gflops: (2 * macs) / ms / 1e6,
    share: Math.max(arithmetic, memory) / ms,
    bound: arithmetic >= memory ? 'arithmetic' : 'memory',
  };
}
