import type { Shape } from './graph.ts';

/**
 * Trained tensors by name. `read` gives the values as float32, row-major, whatever the file stores; a later version may
 * have to wait for the network there.
 */
export interface Weights {
  readonly shapes: ReadonlyMap<string, Shape>;
  read(name: string): Promise<Float32Array>;
}
