import { architecture } from '../../engine/all-ops.ts';
import { type Architecture, buildGraph } from '../../engine/architecture.ts';
import { ArchitectureError, during, LinnetError } from '../../engine/common/errors.ts';
import { NATURAL, OBJECT, oneOf, show, TEXT } from '../../engine/common/kinds.ts';
import { check } from '../../engine/graph/check.ts';
import type { GraphBuilder } from '../../engine/graph/graph-builder.ts';

/** A network as JSON: the calls that build it. */
export interface RecordedNetwork {
  readonly schema: 1;
  readonly name: string;
  /**
   * A method of `GraphBuilder`, and its arguments. A value or a tensor is `{ ref }`, where those that calls give are counted
   * from 0; a number that JSON does not have is `{ number }`, its text.
   */
  readonly calls: readonly (readonly [method: string, ...operands: unknown[]])[];
}

/** Every method but the one that ends the graph. */
const METHODS: Readonly<Record<Exclude<keyof GraphBuilder, 'finish'>, true>> = {
  input: true,
  output: true,
  tensor: true,
  constant: true,
  ignore: true,
  conv2d: true,
  convTranspose2d: true,
  batchNormalization: true,
  gemm: true,
  averagePool2d: true,
  adaptiveAveragePool2d: true,
  maxPool2d: true,
  l2Pool2d: true,
  resample2d: true,
  add: true,
  sub: true,
  mul: true,
  div: true,
  min: true,
  max: true,
  pow: true,
  prelu: true,
  matmul: true,
  relu: true,
  clamp: true,
  hardSwish: true,
  hardSigmoid: true,
  sigmoid: true,
  abs: true,
  neg: true,
  exp: true,
  log: true,
  sqrt: true,
  reciprocal: true,
  sin: true,
  cos: true,
  tan: true,
  floor: true,
  ceil: true,
  roundEven: true,
  sign: true,
  erf: true,
  cast: true,
  identity: true,
  tanh: true,
  softplus: true,
  softsign: true,
  gelu: true,
  silu: true,
  elu: true,
  leakyRelu: true,
  linear: true,
  softmax: true,
  pad: true,
  concat: true,
  slice: true,
  flatten: true,
  reshape: true,
  transpose: true,
  split: true,
  expand: true,
  tile: true,
  reverse: true,
  depthToSpace: true,
  spaceToDepth: true,
  reduceMean: true,
  reduceSum: true,
  reduceMax: true,
  reduceMin: true,
  reduceProduct: true,
  reduceL1: true,
  reduceL2: true,
  reduceSumSquare: true,
  reduceLogSum: true,
  reduceLogSumExp: true,
  argMax: true,
  argMin: true,
  instanceNormalization: true,
  layerNormalization: true,
  localResponseNormalization: true,
};

type Method = (...operands: unknown[]) => unknown;

/** What a call gives: nothing, a value or a tensor, or a list of values. */
const madeBy = (result: unknown) => [result].flat().filter(OBJECT.accepts);

/** The calls by which an architecture builds its graph. */
export function record(network: Architecture): RecordedNetwork {
  const calls: RecordedNetwork['calls'][number][] = [];
  const refs = new Map<unknown, number>();
  let count = 0;
  const encode = (operand: unknown): unknown => {
    const ref = refs.get(operand);
    if (ref !== undefined) return { ref };
    if (typeof operand === 'number') return Number.isFinite(operand) ? operand : { number: String(operand) };
    if (Array.isArray(operand)) return operand.map(encode);
    if (!OBJECT.accepts(operand)) return operand;
    return Object.fromEntries(Object.entries(operand).map(([name, value]) => [name, encode(value)]));
  };
  const recording = (g: GraphBuilder): GraphBuilder =>
    new Proxy(g, {
      get:
        (own, method: keyof GraphBuilder) =>
        (...operands: unknown[]) => {
          const result = (own[method] as Method).apply(own, operands);
          if (!(method in METHODS)) return result;
          calls.push([method, ...operands.map(encode)]);
          for (const made of madeBy(result)) refs.set(made, count++);
          return result;
        },
    });
  buildGraph({ ...network, build: (g) => network.build(recording(g)) });
  return { schema: 1, name: network.name, calls };
}

/** A recorded network, from JSON. Throws an `ArchitectureError` where it is broken; of the calls when it is built. */
export function replay(json: unknown): Architecture {
  const { name, calls } = during('reading a recorded network', () => {
    check(OBJECT.accepts(json), 'recorded network', json, OBJECT.expected);
    const network = json as Partial<RecordedNetwork>;
    const one = oneOf(1);
    check(one.accepts(network.schema), 'schema', network.schema, one.expected);
    check(TEXT.accepts(network.name), 'name', network.name, TEXT.expected);
    check(Array.isArray(network.calls), "field 'calls'", network.calls, 'a list of calls');
    return network as RecordedNetwork;
  });
  return architecture(name, (g) => {
    const made: unknown[] = [];
    const decode = (operand: unknown): unknown => {
      if (Array.isArray(operand)) return operand.map(decode);
      if (!OBJECT.accepts(operand)) return operand;
      if ('number' in operand) return Number(operand.number);
      if ('ref' in operand) {
        const { ref } = operand;
        check(NATURAL.accepts(ref) && ref < made.length, 'ref', ref, `below ${made.length}`);
        return made[ref];
      }
      return Object.fromEntries(Object.entries(operand).map(([name, value]) => [name, decode(value)]));
    };
    for (const [index, call] of calls.entries()) {
      during(`making call ${index} of the recorded network`, () => {
        const [method, ...operands] = Array.isArray(call) ? call : [];
        check(Object.hasOwn(METHODS, String(method)), 'method', method, 'one of a graph builder');
        try {
          made.push(...madeBy((g[method as keyof GraphBuilder] as Method).apply(g, operands.map(decode))));
        } catch (cause) {
          if (cause instanceof LinnetError) throw cause;
          // A list where there should be a number, say.
          throw new ArchitectureError(`The operands are ${show(operands)}; '${method}' cannot take them.`, { cause });
        }
      });
    }
  });
}
