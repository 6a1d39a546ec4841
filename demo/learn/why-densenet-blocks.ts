import type { Plan, PlannedKernel } from 'linnet';
import { layersOf } from '../network/layers-of.ts';

type Binding = PlannedKernel['bindings'][number];

/** What a kernel does to a block's tensor: it reads or writes `count` channels from the channel `first` on. */
export interface Access {
  readonly kernel: string;
  readonly first: number;
  readonly count: number;
}

/** One layer of a block, as the plan has it: what its first kernel reads and its last one writes. */
export interface DenseLayer {
  readonly reads: Access;
  readonly writes: Access;
}

/** A value that several kernels write, each its own channels. */
export interface DenseBlock {
  /** What wrote the channels that the block begins with. */
  readonly input: Access;
  readonly layers: readonly DenseLayer[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly bytes: number;
}

/** The dense blocks of a DenseNet's plan. */
export function denseBlocks(plan: Plan): DenseBlock[] {
  const planned = layersOf(plan);
  return plan.values.flatMap(({ shape, bytes }, value): DenseBlock[] => {
    const [, channels = 0, height = 0, width = 0] = shape;
    const isIts = (binding: Binding) => 'value' in binding && binding.value === value;
    const accesses = planned.flatMap(({ name: kernel, kernels, output }) => {
      const read = kernels.flatMap(({ bindings }) => bindings).find((one) => one.name !== 'output' && isIts(one));
      return [read, output].flatMap((binding) => {
        if (!binding || !('value' in binding) || binding.value !== value) return [];
        const [first, count] = binding.channels ?? [0, channels];
        return [{ kernel, first, count, isWrite: binding === output }];
      });
    });
    const [input, ...rest] = accesses;
    if (!input || accesses.filter(({ isWrite }) => isWrite).length < 2) return [];
    const layers = rest.flatMap((writes, index): DenseLayer[] => {
      const reads = rest[index - 1];
      return writes.isWrite && reads ? [{ reads, writes }] : [];
    });
    return [{ input, layers, channels, height, width, bytes }];
  });
}

/** Channels that are there once so many layers of the block have run. */
export const channelsAfter = ({ input, layers }: DenseBlock, count: number): number =>
  layers.slice(0, count).reduce((sum, { writes }) => sum + writes.count, input.count);

/** Bytes of so many of the block's channels. */
export const bytesOf = ({ bytes, channels }: DenseBlock, count: number): number => (bytes / channels) * count;

/**
 * Bytes that concatenation would have moved up to a layer: after each one a kernel reads all channels so far and writes
 * them side by side, for the next layer or, after the last one, for what follows the block.
 */
export function concatenationBytes(block: DenseBlock, layers = block.layers.length): number {
  const results = Array.from({ length: layers }, (_, index) => channelsAfter(block, index + 1));
  return results.reduce((sum, channels) => sum + 2 * bytesOf(block, channels), 0);
}

/** Bytes of activations that all kernels of a plan read and write; weights are not among them. */
export function activationTraffic({ kernels, values }: Plan): number {
  const bytesBound = (binding: Binding): number => {
    const value = 'value' in binding ? values[binding.value] : undefined;
    if (!value) return 0;
    const [, channels = 1] = value.shape;
    const count = ('channels' in binding ? binding.channels?.[1] : undefined) ?? channels;
    return (value.bytes / channels) * count;
  };
  return kernels.reduce((sum, { bindings }) => bindings.reduce((part, one) => part + bytesBound(one), sum), 0);
}
