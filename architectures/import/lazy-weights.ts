import type { Shape } from '../../engine/graph/graph.ts';
import { noTensor, type Weights } from '../../engine/weights/weights.ts';

/** A tensor that is decoded when it is read, float32, row-major. */
export interface LazyTensor {
  readonly shape: Shape;
  read(): Float32Array;
}

/** Weights whose tensors are decoded one by one, each time when they are packed: the file's bytes are all that is held. */
export const lazyWeights = (tensors: ReadonlyMap<string, LazyTensor>): Weights => ({
  shapes: new Map(Array.from(tensors, ([name, { shape }]) => [name, shape])),
  async read(name) {
    const tensor = tensors.get(name);
    if (!tensor) throw noTensor(name);
    return tensor.read();
  },
});
