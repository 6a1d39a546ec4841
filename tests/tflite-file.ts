// Writes small .tflite files, with numbers of TensorFlow's schema that are written down here again: a reader that took a
// field for another one would not find these.
import { Builder } from 'flatbuffers';

/** A field of a table: its number, and what it holds. */
export type TestField = readonly [
  number: number,
  kind: 'int8' | 'int32' | 'float32' | 'int32s',
  value: number | readonly number[],
];

export interface TestTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** float32 unless given. */
  readonly type?: keyof typeof TYPES;
  /** Of a constant: numbers of that type, or their bytes. */
  readonly data?: readonly number[] | Float64Array | Uint8Array;
  readonly signature?: readonly number[];
  readonly scale?: readonly number[];
  readonly zeroPoint?: readonly number[];
  readonly axis?: number;
  readonly sparsity?: TestSparsity;
}

export interface TestSparsity {
  readonly traversalOrder: readonly number[];
  readonly blockMap?: readonly number[];
  readonly levels: readonly (number | { readonly segments: readonly number[]; readonly indices: readonly number[] })[];
}

export interface TestOperator {
  /** TFLite's name, or that of a custom operator. */
  readonly operator: string;
  /** Names of tensors; nothing where one is left out. */
  readonly inputs: readonly (string | undefined)[];
  readonly outputs: readonly string[];
  readonly options?: readonly TestField[];
  readonly customOptions?: Uint8Array;
}

export interface TestFile {
  readonly tensors: readonly TestTensor[];
  readonly operators: readonly TestOperator[];
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly description?: string;
  /** What callers call the tensors. */
  readonly signature?: { readonly inputs: Record<string, string>; readonly outputs: Record<string, string> };
  readonly metadata?: Uint8Array;
  /** How often each tensor is in the list of tensors, stored once. */
  readonly repetitions?: number;
}

const TYPES = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, string: 5, bool: 6, int16: 7, int8: 9, int4: 17 };

const OPERATORS: Readonly<Record<string, number>> = {
  ...{ ADD: 0, AVERAGE_POOL_2D: 1, CONCATENATION: 2, CONV_2D: 3, DEPTHWISE_CONV_2D: 4, DEPTH_TO_SPACE: 5 },
  ...{ DEQUANTIZE: 6, FLOOR: 8, FULLY_CONNECTED: 9, L2_NORMALIZATION: 11, L2_POOL_2D: 12 },
  ...{ LOCAL_RESPONSE_NORMALIZATION: 13, LOGISTIC: 14, LSTM: 16, MAX_POOL_2D: 17, MUL: 18, RELU: 19, RELU_N1_TO_1: 20 },
  ...{ RELU6: 21, RESHAPE: 22, RESIZE_BILINEAR: 23, SOFTMAX: 25, SPACE_TO_DEPTH: 26, TANH: 28, PAD: 34, GATHER: 36 },
  ...{ BATCH_TO_SPACE_ND: 37, SPACE_TO_BATCH_ND: 38, TRANSPOSE: 39, MEAN: 40, SUB: 41, DIV: 42, SQUEEZE: 43 },
  ...{ STRIDED_SLICE: 45, EXP: 47, TOPK_V2: 48, SPLIT: 49, LOG_SOFTMAX: 50, CAST: 53, PRELU: 54, MAXIMUM: 55 },
  ...{
    ARG_MAX: 56,
    MINIMUM: 57,
    NEG: 59,
    PADV2: 60,
    SLICE: 65,
    SIN: 66,
    TRANSPOSE_CONV: 67,
    TILE: 69,
    EXPAND_DIMS: 70,
  },
  ...{ LOG: 73, SUM: 74, SQRT: 75, RSQRT: 76, SHAPE: 77, POW: 78, ARG_MIN: 79, REDUCE_PROD: 81, REDUCE_MAX: 82 },
  ...{ PACK: 83, UNPACK: 88, REDUCE_MIN: 89, FLOOR_DIV: 90, SQUARE: 92, FILL: 94, RANGE: 96 },
  ...{ RESIZE_NEAREST_NEIGHBOR: 97, LEAKY_RELU: 98, SQUARED_DIFFERENCE: 99, MIRROR_PAD: 100, ABS: 101, SPLIT_V: 102 },
  ...{ CEIL: 104, REVERSE_V2: 105, ADD_N: 106, COS: 108, ELU: 111, QUANTIZE: 114, ROUND: 116, HARD_SWISH: 117 },
  ...{ DENSIFY: 124, BATCH_MATMUL: 126, BROADCAST_TO: 130, GELU: 150, RELU_0_TO_1: 152, SIGN: 158 },
};
const CUSTOM = 32;

/** The types of the options, in the union of the schema. */
const OPTIONS: Readonly<Record<string, number>> = {
  ...{ CONV_2D: 1, DEPTHWISE_CONV_2D: 2, AVERAGE_POOL_2D: 5, L2_POOL_2D: 5, MAX_POOL_2D: 5, FULLY_CONNECTED: 8 },
  ...{ SOFTMAX: 9, CONCATENATION: 10, ADD: 11, L2_NORMALIZATION: 12, LOCAL_RESPONSE_NORMALIZATION: 13 },
  ...{ RESIZE_BILINEAR: 15, RESHAPE: 17, SPACE_TO_DEPTH: 19, MUL: 21, GATHER: 23, MEAN: 27, SUM: 27, REDUCE_MAX: 27 },
  ...{
    REDUCE_MIN: 27,
    REDUCE_PROD: 27,
    SUB: 28,
    DIV: 29,
    SQUEEZE: 30,
    STRIDED_SLICE: 32,
    SPLIT: 35,
    TRANSPOSE_CONV: 49,
  },
  ...{
    ARG_MAX: 40,
    ARG_MIN: 57,
    PACK: 59,
    UNPACK: 64,
    RESIZE_NEAREST_NEIGHBOR: 74,
    LEAKY_RELU: 75,
    MIRROR_PAD: 77,
    SPLIT_V: 79,
  },
  ...{ DEPTH_TO_SPACE: 94, BATCH_MATMUL: 101, GELU: 116 },
};

type Offset = number;

export function tfliteFile(file: TestFile): Uint8Array<ArrayBuffer> {
  const b = new Builder(1024);
  const numberOf = (name: string): number => {
    const index = file.tensors.findIndex((tensor) => tensor.name === name);
    if (index < 0) throw new Error(`There is no tensor '${name}'.`);
    return index;
  };
  // Buffer 0 is that of tensors that are computed.
  const data = [new Uint8Array(), ...file.tensors.flatMap((tensor) => dataOf(tensor) ?? [])];
  let next = 1;
  const tensors = file.tensors.map((tensor) => writeTensor(b, tensor, tensor.data ? next++ : 0));
  const metadata = file.metadata && { name: b.createString('TFLITE_METADATA'), buffer: data.push(file.metadata) - 1 };
  const codes = [...new Set(file.operators.map(({ operator }) => operator))];
  const operators = file.operators.map(({ operator, inputs, outputs, options, customOptions }) => {
    const type = Object.hasOwn(OPTIONS, operator) ? OPTIONS[operator] : undefined;
    const written: readonly Written[] =
      type === undefined
        ? []
        : [
            [3, 'int8', type],
            [4, 'offset', table(b, options ?? [])],
          ];
    return table(b, [
      [0, 'int32', codes.indexOf(operator)],
      [1, 'int32s', inputs.map((name) => (name === undefined ? -1 : numberOf(name)))],
      [2, 'int32s', outputs.map(numberOf)],
      ...written,
      ...(customOptions ? ([[5, 'bytes', customOptions]] as const) : []),
    ]);
  });
  const subgraph = table(b, [
    [
      0,
      'offsets',
      Array(file.repetitions ?? 1)
        .fill(tensors)
        .flat(),
    ],
    [1, 'int32s', file.inputs.map(numberOf)],
    [2, 'int32s', file.outputs.map(numberOf)],
    [3, 'offsets', operators],
  ]);
  const operatorCodes = codes.map((name) => {
    const number = Object.hasOwn(OPERATORS, name) ? OPERATORS[name]! : CUSTOM;
    return table(b, [
      [0, 'int8', Math.min(number, 127)],
      ...(number === CUSTOM ? ([[1, 'text', name]] as const) : []),
      [3, 'int32', number],
    ]);
  });
  const maps = (names: Record<string, string> = {}) =>
    Object.entries(names).map(([alias, name]) =>
      table(b, [
        [0, 'text', alias],
        [1, 'int32', numberOf(name)],
      ]),
    );
  const signatures = file.signature
    ? [
        table(b, [
          [0, 'offsets', maps(file.signature.inputs)],
          [1, 'offsets', maps(file.signature.outputs)],
        ]),
      ]
    : [];
  const model = table(b, [
    [0, 'int32', 3],
    [1, 'offsets', operatorCodes],
    [2, 'offsets', [subgraph]],
    ...(file.description ? ([[3, 'text', file.description]] as const) : []),
    [4, 'offsets', data.map((bytes) => table(b, bytes.length > 0 ? [[0, 'bytes', bytes]] : []))],
    ...(metadata
      ? ([
          [
            6,
            'offsets',
            [
              table(b, [
                [0, 'offset', metadata.name],
                [1, 'int32', metadata.buffer],
              ]),
            ],
          ],
        ] as const)
      : []),
    [7, 'offsets', signatures],
  ]);
  b.finish(model, 'TFL3');
  return b.asUint8Array().slice();
}

/** TFLite's metadata: per input a normalization, per output the name of a file of labels. */
export function tfliteMetadata(
  inputs: readonly { readonly mean: readonly number[]; readonly std: readonly number[] }[],
  labels: readonly string[],
): Uint8Array<ArrayBuffer> {
  const b = new Builder(256);
  const normalized = inputs.map(({ mean, std }) => {
    const unit = table(b, [
      [0, 'int8', 1],
      [
        1,
        'offset',
        table(b, [
          [0, 'float32s', mean],
          [1, 'float32s', std],
        ]),
      ],
    ]);
    return table(b, [[4, 'offsets', [unit]]]);
  });
  const labelled = labels.map((name) =>
    table(b, [
      [
        6,
        'offsets',
        [
          table(b, [
            [0, 'text', name],
            [2, 'int8', 2],
          ]),
        ],
      ],
    ]),
  );
  const subgraph = table(b, [
    [2, 'offsets', normalized],
    [3, 'offsets', labelled],
  ]);
  b.finish(table(b, [[3, 'offsets', [subgraph]]]), 'M001');
  return b.asUint8Array().slice();
}

type Written =
  | TestField
  | readonly [number, 'float32s', readonly number[]]
  | readonly [number, 'int64s', readonly number[]]
  | readonly [number, 'offset', Offset]
  | readonly [number, 'offsets', readonly Offset[]]
  | readonly [number, 'bytes', Uint8Array]
  | readonly [number, 'text', string];

function table(b: Builder, fields: readonly Written[]): Offset {
  // What a table refers to is written before it.
  const written = fields.map(([number, kind, value]) => {
    if (kind === 'text') return [number, 'offset', b.createString(value as string)] as const;
    if (kind === 'bytes') return [number, 'offset', b.createByteVector(value as Uint8Array)] as const;
    if (kind === 'offsets')
      return [number, 'offset', vector(b, 4, value as readonly number[], (item) => b.addOffset(item))] as const;
    if (kind === 'int32s')
      return [number, 'offset', vector(b, 4, value as readonly number[], (item) => b.addInt32(item))] as const;
    if (kind === 'int64s') {
      return [number, 'offset', vector(b, 8, value as readonly number[], (item) => b.addInt64(BigInt(item)))] as const;
    }
    if (kind === 'float32s') {
      return [number, 'offset', vector(b, 4, value as readonly number[], (item) => b.addFloat32(item))] as const;
    }
    return [number, kind, value as number] as const;
  });
  b.startObject(Math.max(0, ...written.map(([number]) => number + 1)));
  for (const [number, kind, value] of written) {
    if (kind === 'int8') b.addFieldInt8(number, value, null);
    else if (kind === 'int32') b.addFieldInt32(number, value, null);
    else if (kind === 'float32') b.addFieldFloat32(number, value, null);
    else b.addFieldOffset(number, value, 0);
  }
  return b.endObject();
}

function vector(b: Builder, bytes: number, items: readonly number[], add: (item: number) => void): Offset {
  b.startVector(bytes, items.length, bytes);
  for (const item of items.toReversed()) add(item);
  return b.endVector();
}

function writeTensor(b: Builder, tensor: TestTensor, buffer: number): Offset {
  const { name, shape, type = 'float32', signature, scale, zeroPoint, axis = 0, sparsity } = tensor;
  const quantization =
    scale &&
    table(b, [
      [2, 'float32s', scale],
      [3, 'int64s', zeroPoint ?? scale.map(() => 0)],
      [6, 'int32', axis],
    ]);
  const vectorTable = (values: readonly number[]) => table(b, [[0, 'int32s', values]]);
  const levels = sparsity?.levels.map((level) =>
    typeof level === 'number'
      ? table(b, [[1, 'int32', level]])
      : table(b, [
          [0, 'int8', 1],
          [2, 'int8', 1],
          [3, 'offset', vectorTable(level.segments)],
          [4, 'int8', 1],
          [5, 'offset', vectorTable(level.indices)],
        ]),
  );
  const sparse =
    sparsity &&
    table(b, [
      [0, 'int32s', sparsity.traversalOrder],
      [1, 'int32s', sparsity.blockMap ?? []],
      [2, 'offsets', levels ?? []],
    ]);
  return table(b, [
    [0, 'int32s', shape],
    [1, 'int8', TYPES[type]],
    [2, 'int32', buffer],
    [3, 'text', name],
    ...(quantization === undefined ? [] : ([[4, 'offset', quantization]] as const)),
    ...(sparse === undefined ? [] : ([[6, 'offset', sparse]] as const)),
    ...(signature ? ([[7, 'int32s', signature]] as const) : []),
  ]);
}

function dataOf({ data, type = 'float32' }: TestTensor): Uint8Array | undefined {
  if (!data || data instanceof Uint8Array) return data;
  const numbers = [...data];
  const bytes = {
    float32: () => Float32Array.from(numbers),
    float16: () => Uint16Array.from(numbers),
    int32: () => Int32Array.from(numbers),
    uint8: () => Uint8Array.from(numbers),
    int64: () => BigInt64Array.from(numbers, BigInt),
    string: () => Uint8Array.from(numbers),
    bool: () => Uint8Array.from(numbers),
    int16: () => Int16Array.from(numbers),
    int8: () => Int8Array.from(numbers),
    int4: () => Uint8Array.from(numbers),
  }[type]();
  return new Uint8Array(bytes.buffer);
}

/** A zip archive of one text, stored as it is. Nothing looks at its checksum. */
export function zipOf(
  name: string,
  text: string,
  { method = 0, packed = new TextEncoder().encode(text) } = {},
): Uint8Array {
  const label = new TextEncoder().encode(name);
  const bytes = new Uint8Array(30 + label.length + packed.length + 46 + label.length + 22);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x04034b50, true);
  view.setUint16(8, method, true);
  view.setUint32(18, packed.length, true);
  view.setUint16(26, label.length, true);
  bytes.set(label, 30);
  bytes.set(packed, 30 + label.length);
  const entry = 30 + label.length + packed.length;
  view.setUint32(entry, 0x02014b50, true);
  view.setUint16(entry + 10, method, true);
  view.setUint32(entry + 20, packed.length, true);
  view.setUint16(entry + 28, label.length, true);
  bytes.set(label, entry + 46);
  const end = entry + 46 + label.length;
  view.setUint32(end, 0x06054b50, true);
  view.setUint16(end + 10, 1, true);
  view.setUint32(end + 12, end - entry, true);
  view.setUint32(end + 16, entry, true);
  return bytes;
}
