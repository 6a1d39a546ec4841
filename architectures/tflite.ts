import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';
import { ArchitectureError, during, ModelError, type UnsupportedNode } from '../engine/common/errors.ts';
import { optional, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import { sum } from '../engine/common/numbers.ts';
import { readTable } from '../engine/common/options.ts';
import { elementsOf } from '../engine/graph/graph.ts';
import { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { type LoadBytesOptions, loadBytes, type WeightsSource } from '../engine/weights/load.ts';
import type { Weights } from '../engine/weights/weights.ts';
import type { FileValue, Hints } from './import/described.ts';
import { lazyWeights } from './import/lazy-weights.ts';
import { refuse, shorten, unsupportedError } from './import/problems.ts';
import { readTflite, requireSizes, type TfliteFile } from './import/tflite/file.ts';
import { type Imported, importTflite, type Ports } from './import/tflite/graph.ts';
import { hintsOf } from './import/tflite/metadata.ts';

export { ModelError, type UnsupportedNode } from '../engine/common/errors.ts';
export type { FileValue } from './import/described.ts';

export interface TfliteOptions extends LoadBytesOptions {
  /**
   * Other sizes of the inputs than the file's: `batch` of all of them, `height` and `width` of maps. Where the file leaves
   * sizes open, the batch is 1 unless given, and the others must be.
   */
  sizes?: TfliteSizes | undefined;
}

export interface TfliteSizes {
  batch?: number | undefined;
  height?: number | undefined;
  width?: number | undefined;
}

/** What a file says of its network. */
export interface TfliteDescription extends Hints {
  readonly name: string;
  /** In the file's order, as are the outputs. */
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** Trained numbers. */
  readonly parameters: number;
}

export interface TfliteModel extends TfliteDescription {
  readonly architecture: Architecture;
  /** Decoded from the file's bytes whenever they are packed: these must stay as they are. */
  readonly weights: Weights;
}

const SIZES = {
  batch: [optional(POSITIVE_INTEGER), undefined],
  height: [optional(POSITIVE_INTEGER), undefined],
  width: [optional(POSITIVE_INTEGER), undefined],
} as const;

/**
 * Opens a TFLite file (LiteRT) as an architecture and its weights.
 *
 * Maps are `[batch, channels, height, width]` for Linnet, whose inputs and outputs are so too, although they are
 * `[batch, height, width, channels]` in the file; tensors of other ranks have the file's sizes. Quantized networks are
 * computed with floats: inputs and outputs are the numbers that the quantized ones stand for, and what an operator gives is
 * kept within its quantized range, but not rounded to its steps.
 *
 * Rejects with a `ModelError` if the file is broken, leaves sizes open, or has nodes that Linnet cannot compute, all of which it
 * lists; and with a `FetchError` if it cannot be had.
 */
export async function openTflite(source: WeightsSource, options: TfliteOptions = {}): Promise<TfliteModel> {
  const { file, ports, description, imported } = await read(source, options);
  const { unsupported, tensors } = imported;
  if (unsupported.length > 0) throw unsupportedError(file.name, unsupported);
  return { ...description, architecture: architectureOf(file, ports), weights: lazyWeights(tensors) };
}

const architectureOf = (file: TfliteFile, ports: Ports) =>
  architecture(file.name, (g: GraphBuilder) => void importTflite(g, file, ports));

/**
 * The same for what Linnet need not be able to compute: `unsupported` lists what it is not, and the architecture is there if that
 * is nothing.
 */
export async function inspectTflite(
  source: WeightsSource,
  options: TfliteOptions = {},
): Promise<
  TfliteDescription & { readonly unsupported: readonly UnsupportedNode[]; readonly architecture?: Architecture }
> {
  const { file, ports, description, imported } = await read(source, options);
  const { unsupported } = imported;
  if (unsupported.length > 0) return { ...description, unsupported };
  return { ...description, unsupported, architecture: architectureOf(file, ports) };
}

interface Reading {
  readonly file: TfliteFile;
  readonly ports: Ports;
  readonly description: TfliteDescription;
  readonly imported: Imported;
}

async function read(source: WeightsSource, { sizes = {}, ...loading }: TfliteOptions): Promise<Reading> {
  const given = readTable(sizes, SIZES);
  const bytes = await loadBytes(source, loading);
  const file = readTflite(bytes);
  return during(`opening the model ${shorten(file.name)}`, async () => {
    const ports = portsOf(file, given);
    const imported = tried(file, ports);
    const { inputs, outputs, tensors, unsupported } = imported;
    const operators: Record<string, number> = Object.create(null);
    for (const { operator } of file.operators) operators[operator] = (operators[operator] ?? 0) + 1;
    const constants = file.tensors.filter(
      ({ data, type, quantization }) => data && (quantization || type.startsWith('float')),
    );
    const trained = unsupported.length > 0 ? constants : [...tensors.values()];
    const description = {
      ...{
        name: file.name,
        inputs,
        outputs,
        operators,
        parameters: sum(trained.map(({ shape }) => elementsOf(shape))),
      },
      ...(await hintsOf(file, bytes, inputs)),
    };
    return { file, ports, description, imported };
  });
}

/** Imports a network to see that it can be: a builder of its own checks each node. */
function tried(file: TfliteFile, ports: Ports): Imported {
  const g = new GraphBuilder(file.name);
  try {
    const imported = importTflite(g, file, ports);
    if (imported.unsupported.length === 0) g.finish();
    return imported;
  } catch (cause) {
    // A file whose parts do not fit each other, or ask for more than the builder can.
    if (cause instanceof ArchitectureError) throw new ModelError(cause.message, { cause });
    throw cause;
  }
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
  const open = new Set<string>();
  const ports = inputs.map((index): FileValue => {
    const { name, shape, signature, type, refusal } = tensors[index]!;
    if (refusal) refuse(`The input ${shorten(name)} ${refusal}.`);
    const wanted = shape.length === 4 ? [given.batch, given.height, given.width] : [given.batch];
    const sizes = shape.map((size, axis): number => {
      if (axis > 0 && signature[axis] === -1 && !wanted[axis]) open.add(ROLES[axis] ?? 'channels');
      return wanted[axis] ?? Math.max(1, size);
    });
    requireSizes(name, sizes);
    return { name: nameOf(index, 'input'), shape: sizes, type };
  });
  if (open.size > 0)
    refuse(`The file leaves sizes open, which the option 'sizes' should give: ${[...open].join(', ')}.`);
  taken.clear();
  return { inputs: ports, outputNames: outputs.map((index) => nameOf(index, 'output')) };
}

const ROLES = ['batch', 'height', 'width'];

/** Without what converters add: `serving_default_image:0` is `image`. */
const cleanName = (name: string) => name.replace(/^serving_default_/, '').replace(/:\d+$/, '');
