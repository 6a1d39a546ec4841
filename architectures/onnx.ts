import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';
import { during, InputError, type UnsupportedNode } from '../engine/common/errors.ts';
import { OBJECT, POSITIVE_INTEGER, show, tagOf } from '../engine/common/kinds.ts';
import { sum } from '../engine/common/numbers.ts';
import { requireKind, requireKnown } from '../engine/common/options.ts';
import { elementsOf, type Shape } from '../engine/graph/graph.ts';
import { type LoadBytesOptions, loadBytes, type WeightsSource } from '../engine/weights/load.ts';
import { SIZES, type Weights } from '../engine/weights/weights.ts';
import type { ElementType, FileValue } from './import/described.ts';
import { type Constant, constantOf } from './import/elements.ts';
import { lazyWeights } from './import/lazy-weights.ts';
import { type GraphProto, type ModelProto, readModel, type ValueInfoProto } from './import/onnx/file.ts';
import { type ImportedGraph, importGraph, opsetOf } from './import/onnx/graph.ts';
import { elementType, isExternal, locationOf } from './import/onnx/tensor.ts';
import { LISTED, refuse, shorten, unsupportedError } from './import/problems.ts';

export { ModelError, type UnsupportedNode } from '../engine/common/errors.ts';
export type { FileValue } from './import/described.ts';

/** A file, or with its data in other files all of them: these are found by their names. */
export type OnnxSource = WeightsSource | readonly File[];

export interface OnnxOptions extends LoadBytesOptions {
  /**
   * The sizes that the file leaves open, by the names that it has for them. Of an input with four axes, a picture, `batch`,
   * `height` and `width` are known besides; any other axis without a name is called as `input.2`.
   */
  sizes?: Readonly<Record<string, number>> | undefined;
  /** Inputs of the file's graph that are the same in every run. */
  constants?: Readonly<Record<string, { readonly shape: Shape; readonly data: ArrayLike<number> }>> | undefined;
}

/** What a file says of its network. */
export interface OnnxDescription {
  readonly name: string;
  /** What wrote the file. */
  readonly producer: string;
  /** The version of the standard's operators. */
  readonly opset: number;
  /** What else the file says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly inputs: readonly FileValue<ElementType>[];
  readonly outputs: readonly FileValue<ElementType>[];
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** Trained numbers. */
  readonly parameters: number;
}

export interface OnnxModel extends OnnxDescription {
  readonly architecture: Architecture;
  /** Decoded from the file's bytes whenever they are packed. */
  readonly weights: Weights;
}

/**
 * Opens an ONNX file (https://onnx.ai) as an architecture and its weights. Everything computes with floats: of integers the file
 * may have what can be known now (shapes, for the most part), and weights and values between `QuantizeLinear` and
 * `DequantizeLinear`, which become the floats that they stand for, values kept within the quantized range.
 *
 * Rejects with a `ModelError` if the file is broken, leaves sizes open, or has nodes that Linnet cannot compute, all of which it
 * lists; and with a `FetchError` if it cannot be had. `bytes` are those of the source, where it has been read: by its address it
 * finds the files of its data.
 */
export async function openOnnx(source: OnnxSource, options: OnnxOptions = {}, bytes?: Uint8Array): Promise<OnnxModel> {
  const { description, imported } = await read(source, options, bytes);
  const { unsupported, tensors, build } = imported;
  if (unsupported.length > 0) throw unsupportedError(description.name, unsupported);
  return { ...description, architecture: architecture(description.name, build), weights: lazyWeights(tensors) };
}

/**
 * The same for what Linnet need not be able to compute: `unsupported` lists what it is not, and the architecture is there if that
 * is nothing.
 */
export async function inspectOnnx(
  source: OnnxSource,
  options: OnnxOptions = {},
  bytes?: Uint8Array,
): Promise<
  OnnxDescription & { readonly unsupported: readonly UnsupportedNode[]; readonly architecture?: Architecture }
> {
  const { description, imported } = await read(source, options, bytes);
  const { unsupported, build } = imported;
  if (unsupported.length > 0) return { ...description, unsupported };
  return { ...description, unsupported, architecture: architecture(description.name, build) };
}

const OPTIONS = [
  'sizes',
  'constants',
  'signal',
  'stallTimeout',
  'onProgress',
  'bytes',
  'sha256',
] as const satisfies (keyof OnnxOptions)[];

async function read(
  source: OnnxSource,
  options: OnnxOptions,
  bytes?: Uint8Array,
): Promise<{ description: OnnxDescription; imported: ImportedGraph }> {
  requireKnown(options, OPTIONS);
  const { sizes = {}, constants = {}, ...loading } = options;
  requireKind('sizes', sizes, OBJECT);
  requireKind('constants', constants, OBJECT);
  const [file, others] = modelOf(source);
  const model = readModel(bytes ?? (await loadBytes(file, loading)));
  const { graph } = model;
  const name = graph.name || 'model';
  const imported = await during(`opening the model ${shorten(name)}`, async () => {
    const external = await externalFiles(graph, file, others, loading);
    const fixed = constantsOf(graph, constants);
    const given = new Set([...graph.initializer.map((tensor) => tensor.name), ...fixed.keys()]);
    const shapes = bindShapes(
      graph.input.filter((input) => !given.has(input.name)),
      sizes,
    );
    return importGraph(model, { shapes, constants: fixed, external });
  });
  return { description: describe(model, name, imported), imported };
}

function describe(
  model: ModelProto,
  name: string,
  { inputs, outputs, tensors, unsupported }: ImportedGraph,
): OnnxDescription {
  const { graph, producerName = '', producerVersion = '', metadataProps } = model;
  const operators: Record<string, number> = Object.create(null);
  for (const { opType = '' } of graph.node) operators[opType] = (operators[opType] ?? 0) + 1;
  const parameters =
    unsupported.length > 0
      ? graph.initializer.map(({ dims }) => dims)
      : Array.from(tensors.values(), ({ shape }) => shape);
  return {
    name,
    producer: `${producerName} ${producerVersion}`.trim(),
    opset: opsetOf(model),
    metadata: Object.fromEntries(metadataProps.map(({ key = '', value = '' }) => [key, value])),
    inputs,
    outputs,
    operators,
    parameters: sum(parameters.map(elementsOf)),
  };
}

/** The file with the graph, and those beside it. */
function modelOf(source: OnnxSource): [file: WeightsSource, others: readonly File[]] {
  if (!Array.isArray(source)) return [source as WeightsSource, []];
  const files: readonly File[] = source;
  const models = files.filter(({ name }) => /\.onnx$/i.test(name));
  const [model, ...more] = models.length > 0 ? models : files;
  if (!model || more.length > 0) {
    throw new InputError(
      `There are ${models.length} files whose names end in .onnx, among ${files.length}; there should be one.`,
    );
  }
  return [model, files.filter((file) => file !== model)];
}

/** The files that tensors of the graph lie in: those that were given, or beside an address. */
async function externalFiles(
  graph: GraphProto,
  file: WeightsSource,
  others: readonly File[],
  { signal, stallTimeout, onProgress }: LoadBytesOptions,
): Promise<(location: string) => Uint8Array> {
  const locations = new Set(graph.initializer.filter(isExternal).flatMap((tensor) => locationOf(tensor) ?? []));
  const files = new Map<string, Uint8Array>();
  const missing: string[] = [];
  for (const location of locations) {
    const name = location.replace(/^(\.?\/)+/, '');
    // A file says what is read: nothing but what lies beside it.
    if (/(^|\/)\.\.(\/|$)|^[a-z][a-z+.-]*:|\\/i.test(name))
      refuse(`Tensors lie in ${shorten(location)}, which is no path from here.`);
    const other = others.find((own) => own.name === name.split('/').at(-1));
    const address = other ?? besides(file, name);
    if (address) files.set(location, await loadBytes(address, { signal, stallTimeout, onProgress }));
    else missing.push(shorten(location));
  }
  if (missing.length > 0)
    refuse(
      `Tensors lie in other files, which are missing: ${missing.slice(0, LISTED).join(', ')}. Give them in one list with the model.`,
    );
  return (location) => files.get(location) as Uint8Array;
}

/** The address of what lies beside a file that has one. */
function besides(file: WeightsSource, name: string): URL | undefined {
  const base =
    typeof file === 'string' || tagOf(file) === 'URL'
      ? String(file)
      : tagOf(file) === 'Response'
        ? (file as Response).url
        : '';
  // Nothing lies beside a file in memory.
  return base && !/^(blob|data):/.test(base) ? new URL(name, new URL(base, globalThis.location?.href)) : undefined;
}

function constantsOf(graph: GraphProto, given: NonNullable<OnnxOptions['constants']>): Map<string, Constant> {
  const inputs = new Map(graph.input.map((input) => [input.name ?? '', input]));
  const constants = Object.entries(given).map(([name, constant]): [string, Constant] => {
    const { shape, data } = Object(constant) as { shape: unknown; data: unknown };
    const input = inputs.get(name);
    if (!input)
      throw new InputError(
        `There is no input '${name}' to be constant; there are ${[...inputs.keys()].map(shorten).join(', ')}.`,
      );
    const { length } = Object(data) as { length: unknown };
    if (!SIZES.accepts(shape) || length !== elementsOf(shape)) {
      throw new InputError(`The constant '${name}' is ${show(constant)} instead of a shape and as many numbers.`);
    }
    const values = Array.from(data as ArrayLike<number>, Number);
    return [name, constantOf(name, typeOf(input), shape, values)];
  });
  return new Map(constants);
}

const typeOf = ({ name = '', type }: ValueInfoProto) =>
  elementType(type?.tensorType?.elemType) ?? refuse(`The input ${shorten(name)} is no tensor of numbers.`);

/** The shapes of inputs, open sizes bound. */
function bindShapes(
  inputs: readonly ValueInfoProto[],
  sizes: NonNullable<OnnxOptions['sizes']>,
): FileValue<ElementType>[] {
  const open: string[] = [];
  const known = new Set<string>();
  const shapes = inputs.map((input) => {
    const { name = '', type } = input;
    const elements = typeOf(input);
    const dimensions = type?.tensorType?.shape?.dim ?? refuse(`The input ${shorten(name)} has no shape.`);
    const roles = rolesOf(dimensions.map(({ dimValue = 0 }) => dimValue));
    const shape = dimensions.map(({ dimValue = 0, dimParam }, axis) => {
      const names = [dimParam, roles[axis], `${name}.${axis}`].flatMap((word) => word || []);
      for (const word of names) known.add(word);
      const given = names.find((word) => Object.hasOwn(sizes, word));
      const size = given === undefined ? undefined : sizes[given];
      if (size !== undefined && !POSITIVE_INTEGER.accepts(size)) {
        throw new InputError(`The size '${given}' is ${show(size)}; it should be ${POSITIVE_INTEGER.expected}.`);
      }
      if (dimValue > 0 && size !== undefined && size !== dimValue) {
        throw new InputError(
          `The size '${given}' is ${size}, and axis ${axis} of the input '${name}' has ${dimValue}.`,
        );
      }
      const bound = dimValue > 0 ? dimValue : size;
      if (bound === undefined) open.push(names[0] as string);
      return bound ?? 1;
    });
    return { name, shape, type: elements };
  });
  const unknown = Object.keys(sizes).find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw new InputError(`There is no size '${unknown}'; there are ${[...known].map(shorten).join(', ')}.`);
  }
  if (open.length > 0) {
    const names = [...new Set(open)].map(shorten).join(', ');
    refuse(`The file leaves sizes open, which the option 'sizes' should give: ${names}.`);
  }
  return shapes;
}

/** What the axes of a picture are called: its channels, 1, 3 or 4, come second or last. */
function rolesOf(sizes: readonly number[]): readonly (string | undefined)[] {
  if (sizes.length !== 4) return ['batch'];
  const [, second = 0, , last = 0] = sizes;
  const isLast = [1, 3, 4].includes(last) && ![1, 3, 4].includes(second);
  return isLast ? ['batch', 'height', 'width'] : ['batch', undefined, 'height', 'width'];
}
