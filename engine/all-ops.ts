import { type Architecture, architectureWith, type Ops } from './architecture.ts';
import { GraphBuilder } from './graph/graph-builder.ts';
import {
  ARITHMETIC,
  BASIC,
  CONCATENATING,
  RESIZING,
  SAMPLING,
  TRANSPOSED,
  VIEWS,
  WINOGRAD,
} from './kernels/candidates.ts';

export const ALL_OPS: Ops = {
  Builder: GraphBuilder,
  candidates: [ARITHMETIC, BASIC, CONCATENATING, RESIZING, SAMPLING, TRANSPOSED, VIEWS, WINOGRAD],
};

/** A network from a function that adds its nodes to `graph`. `architecture<'mask'>` lets TypeScript know its outputs. */
export function architecture<Outputs extends string = string>(
  name: string,
  build: (graph: GraphBuilder<Outputs>) => void,
): Architecture<Outputs> {
  return architectureWith(name, build, ALL_OPS);
}
