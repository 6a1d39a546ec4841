import { architecture } from '../engine/all-ops.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { ArchitectureError, during, ModelError } from '../engine/common/errors.ts';
import { optional, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import { readTable } from '../engine/common/options.ts';
import type { Shape } from '../engine/graph/graph.ts';
import { type LoadWeightsOptions, loadBytes, type WeightsSource } from '../engine/weights/load.ts';
import type { Weights } from '../engine/weights/weights.ts';
import { lazyWeights } from './import/lazy-weights.ts';
import { readTflite, refuse, requireSizes, type TfliteFile } from './import/tflite-file.ts';
import { type Imported, importTflite, type Port, type Ports } from './import/tflite-graph.ts';
import { type Hints, hintsOf } from './import/tflite-metadata.ts';

export { ModelError, type UnsupportedNode } from '../engine/common/errors.ts';
export type { Port };

export interface OpenTfliteOptions extends Omit<LoadWeightsOptions, 'holdBytes'> {
  /** Other sizes of the inputs than the file's, of which some may be open there: then they are 1 unless given. */
  sizes?: TfliteSizes | undefined;
}

/** The batch is that of every input, height and width are those of the maps. */
export interface TfliteSizes {
  batch?: number | undefined;
  height?: number | undefined;
  width?: number | undefined;
}

/** A network from a file, and what it says of itself. */
export interface TfliteModel extends Hints {
  /** What `compile` and `planFor` take. */
  readonly architecture: Architecture;
  /** Decoded when they are read: they hold the file's bytes, which must stay as they are. */
  readonly weights: Weights;
  /** In the file's order. */
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

const SIZES = {
  batch: [optional(POSITIVE_INTEGER), undefined],
  height: [optional(POSITIVE_INTEGER), undefined],
  width: [optional(POSITIVE_INTEGER), undefined],
} as const;

/**
 * Opens a TFLite file (LiteRT): from an address, a response, a file, or memory.
 *
 * Maps are `[batch, channels, height, width]` for Linnet, whose inputs and outputs are so too, although they are
 * `[batch, height, width, channels]` in the file; tensors of other ranks have the file's sizes. Quantized networks are
 * computed with floats: inputs and outputs are the numbers that the quantized ones stand for, and what an operator gives is
 * kept within its quantized range, but not rounded to its steps.
 *
 * Rejects with a `FetchError` if the file cannot be had, and with a `ModelError` if it is broken, or has nodes that Linnet
 * cannot compute: the error lists all of them.
 */
export async function openTflite(file: WeightsSource, options: OpenTfliteOptions = {}): Promise<TfliteModel> {
  const { sizes = {}, ...loading } = options;
  const given = readTable(sizes, SIZES);
  const bytes = await loadBytes(file, loading);
  return during('opening a TFLite file', async () => {
    const read = readTflite(bytes);
    const ports = portsOf(read, given);
    // Converters sign what has no name with their own: `MLIR Converted.`
    const name = /^$|Converted\.$/.test(read.description) ? 'tflite' : read.description;
    let imported: Imported | undefined;
    const network = architecture(name, (g) => {
      imported = importTflite(g, read, ports);
    });
    try {
      buildGraph(network);
    } catch (cause) {
      // A file whose parts do not fit each other, or ask for more than the builder can.
      if (cause instanceof ArchitectureError) throw new ModelError(cause.message, { cause });
      throw cause;
    }
    const { tensors, inputs, outputs } = imported as unknown as Imported;
    return {
      architecture: network,
      weights: lazyWeights(tensors),
      inputs,
      outputs,
      ...(await hintsOf(read, bytes, inputs)),
    };
  });
}

function portsOf({ tensors, inputs, outputs, names }: TfliteFile, given: TfliteSizes): Ports {
  const taken = new Set<string>();
  const nameOf = (index: number, role: string): string => {
    const name = cleanName(names.get(index) || tensors[index]?.name || '') || role;
    let free = name;
    for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
    taken.add(free);
    return free;
  };
  const ports = inputs.map((index): Port => {
    const { name, shape, signature, refusal } = tensors[index] ?? refuse(`There is no tensor ${index}.`);
    if (refusal) refuse(`The input '${name}' ${refusal}.`);
    const wanted = shape.length === 4 ? [given.batch, given.height, given.width] : [given.batch];
    const sizes = shape.map(
      (size, axis): number => wanted[axis] ?? (signature[axis] === -1 ? Math.max(1, size) : size),
    );
    requireSizes(name, sizes);
    return { name: nameOf(index, 'input'), shape: sizes as Shape };
  });
  taken.clear();
  return { inputs: ports, outputNames: outputs.map((index) => nameOf(index, 'output')) };
}

/** Without what converters add: `serving_default_image:0` is `image`. */
const cleanName = (name: string) => name.replace(/^serving_default_/, '').replace(/:\d+$/, '');
