import type { ElementType } from '../described.ts';
import { ownOf } from '../own-of.ts';
import type { AttributeProto } from './file.ts';
import { attributesOf, type OnnxNode } from './node.ts';

/** Nodes that stand for one of an older version, in the order in which they run. */
interface Modern {
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly {
    readonly name: string;
    readonly type: ElementType;
    readonly values: readonly number[];
  }[];
}

/** A node of the file, and the version of the operator set that it is written for. */
type Modernize = (node: OnnxNode, version: number) => Modern | undefined;

const only = (node: OnnxNode): Modern => ({ nodes: [node], constants: [] });

/** The node, some of whose attributes are inputs now. `inputs` are names of attributes by the place of the input. */
function attributesAsInputs(node: OnnxNode, inputs: Readonly<Record<number, string>>): Modern {
  const attributes = new Map(node.attributes);
  const names = [...node.inputs];
  const constants = Object.entries(inputs).flatMap(([place, attribute]) => {
    const given = attributes.get(attribute);
    if (!given) return [];
    attributes.delete(attribute);
    const index = Number(place);
    while (names.length <= index) names.push('');
    const name = `${node.outputs[0]}.${attribute}`;
    names[index] = name;
    return [{ name, ...numbersOf(given) }];
  });
  return { nodes: [{ ...node, inputs: names, attributes }], constants };
}

/** As `AttributeProto.AttributeType` has it. */
const FLOAT = 1;

function numbersOf(given: AttributeProto): { type: ElementType; values: readonly number[] } {
  const { f, i, floats, ints, type } = given;
  if (floats.length > 0) return { type: 'float32', values: floats };
  // A zero may be left out.
  if (f !== undefined || type === FLOAT) return { type: 'float32', values: [f ?? 0] };
  return { type: 'int64', values: i === undefined ? ints : [i] };
}

const withAttributes = (node: OnnxNode, given: Readonly<Record<string, Partial<AttributeProto>>>): OnnxNode => ({
  ...node,
  attributes: new Map([...node.attributes, ...attributesOf(given)]),
});

const before =
  (version: number, modernize: (node: OnnxNode) => Modern): Modernize =>
  (node, own) =>
    own < version ? modernize(node) : undefined;

const axesAsInput = (version: number) => before(version, (node) => attributesAsInputs(node, { 1: 'axes' }));

/** Softmax over all axes from the attribute `axis` on, as one. */
const flattened = before(13, (node) => {
  const [input = ''] = node.inputs;
  const [output = ''] = node.outputs;
  const { name } = node;
  const [flat, shape, result] = [`${output}.flat`, `${output}.shape`, `${output}.result`];
  const axis = node.attributes.get('axis')?.i ?? 1;
  const made = (op: string, inputs: string[], outputs: string[], attributes = {}): OnnxNode => ({
    name,
    op,
    inputs,
    outputs,
    attributes: attributesOf(attributes),
  });
  return {
    nodes: [
      made('Flatten', [input], [flat], { axis: { i: axis } }),
      made(node.op, [flat], [result], { axis: { i: 1 } }),
      made('Shape', [input], [shape]),
      made('Reshape', [result, shape], [output]),
    ],
    constants: [],
  };
});

const VERSIONS: Readonly<Record<string, Modernize>> = {
  Clip: before(11, (node) => attributesAsInputs(node, { 1: 'min', 2: 'max' })),
  Pad: before(11, (node) => attributesAsInputs(node, { 1: 'pads', 2: 'value' })),
  Slice: before(10, (node) => attributesAsInputs(node, { 1: 'starts', 2: 'ends', 3: 'axes' })),
  Squeeze: axesAsInput(13),
  Unsqueeze: axesAsInput(13),
  Split: before(13, (node) => attributesAsInputs(node, { 1: 'split' })),
  ReduceSum: axesAsInput(13),
  ReduceMean: axesAsInput(18),
  ReduceMax: axesAsInput(18),
  ReduceMin: axesAsInput(18),
  ReduceProd: axesAsInput(18),
  ReduceL1: axesAsInput(18),
  ReduceL2: axesAsInput(18),
  ReduceLogSum: axesAsInput(18),
  ReduceLogSumExp: axesAsInput(18),
  ReduceSumSquare: axesAsInput(18),
  Softmax: flattened,
  LogSoftmax: flattened,
  Hardmax: flattened,
  // There was one for each channel.
  PRelu: before(7, (node) => only(withAttributes(node, { axis: { i: 1 } }))),
  Upsample(node, version) {
    const { nodes, constants } = version < 9 ? attributesAsInputs(node, { 1: 'scales' }) : only(node);
    const [{ inputs, attributes }] = nodes as readonly [OnnxNode];
    const [x = '', scales = ''] = inputs;
    return { nodes: [asymmetric({ ...node, op: 'Resize', inputs: [x, '', scales], attributes })], constants };
  },
  Resize: before(11, (node) => {
    const [x = '', scales = ''] = node.inputs;
    return only(asymmetric({ ...node, inputs: [x, '', scales] }));
  }),
};

const asymmetric = (node: OnnxNode) =>
  withAttributes(node, { coordinate_transformation_mode: { s: 'asymmetric' }, nearest_mode: { s: 'floor' } });

/** A node as the newest version of its operator has it. */
export const modernize = (node: OnnxNode, version: number): Modern =>
  ownOf(VERSIONS, node.op)?.(node, version) ?? only(node);
