// Tables and fields of TFLite's files by their names and numbers in its schemas, as far as they are read here:
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/schema/schema.fbs
// https://github.com/tensorflow/tflite-support/blob/master/tensorflow_lite_support/metadata/metadata_schema.fbs
import {
  bytes,
  type Field,
  flag,
  float32,
  float32s,
  int8,
  int32,
  int32s,
  int64s,
  many,
  one,
  record,
  table,
  text,
  uint8s,
  uint16s,
  uint32,
  uint64,
} from './flatbuffer.ts';

const quantization = record({ scale: float32s(2), zeroPoint: int64s(3), details: int8(4), dimension: int32(6) });

/** A union's table by its type: vectors of 32, 16 and 8 bits. */
const indices = (number: number): Field<number[]> => {
  const kinds = [one(number + 1, int32s(0)), one(number + 1, uint16s(0)), one(number + 1, uint8s(0))];
  return (table) => kinds[int8(number)(table) - 1]?.(table) ?? [];
};

const sparsity = record({
  traversalOrder: int32s(0),
  blockMap: int32s(1),
  levels: many(2, record({ format: int8(0), denseSize: int32(1), segments: indices(2), indices: indices(4) })),
});

/** Where the numbers of a sparse tensor lie. */
export type Sparsity = ReturnType<typeof sparsity>;

const tensor = record({
  shape: int32s(0),
  type: int8(1),
  buffer: uint32(2),
  name: text(3),
  quantization: one(4, quantization),
  sparsity: one(6, sparsity),
  shapeSignature: int32s(7),
});

const operatorCode = record({ deprecatedBuiltinCode: int8(0), customCode: text(1), builtinCode: int32(3) });

const operator = record({
  opcodeIndex: uint32(0),
  inputs: int32s(1),
  outputs: int32s(2),
  options: table(4),
  customOptions: bytes(5),
});

const subgraph = record({
  tensors: many(0, tensor),
  inputs: int32s(1),
  outputs: int32s(2),
  operators: many(3, operator),
});

const buffer = record({ data: bytes(0), offset: uint64(1), size: uint64(2) });

const tensorMap = record({ name: text(0), tensorIndex: uint32(1) });
const signature = record({ inputs: many(0, tensorMap), outputs: many(1, tensorMap), subgraphIndex: uint32(4) });

/** The root of a file, `TFL3`. */
export const model = record({
  operatorCodes: many(1, operatorCode),
  subgraphs: many(2, subgraph),
  description: text(3),
  buffers: many(4, buffer),
  metadata: many(6, record({ name: text(0), buffer: uint32(1) })),
  signatures: many(7, signature),
});

const associatedFile = record({ name: text(0), type: int8(2) });
/** Of a process unit, where its type says so. */
const normalization = record({ mean: float32s(0), std: float32s(1) });
const tensorMetadata = record({
  processUnits: many(4, record({ type: int8(0), options: one(1, normalization) })),
  associatedFiles: many(6, associatedFile),
});

/** The root of the metadata, `M001`, in a buffer of the file. */
export const metadata = record({
  subgraphs: many(3, record({ inputs: many(2, tensorMetadata), outputs: many(3, tensorMetadata) })),
});

export const PROCESS_UNIT = { normalization: 1 };
export const ASSOCIATED_FILE = { tensorAxisLabels: 2 };

/** The options of operators. */
export const options = {
  fused: record({ activation: int8(0) }),
  convolution: record({
    padding: int8(0),
    strideWidth: int32(1),
    strideHeight: int32(2),
    activation: int8(3),
    dilationWidth: int32(4, 1),
    dilationHeight: int32(5, 1),
  }),
  depthwise: record({
    padding: int8(0),
    strideWidth: int32(1),
    strideHeight: int32(2),
    activation: int8(4),
    dilationWidth: int32(5, 1),
    dilationHeight: int32(6, 1),
  }),
  transposeConvolution: record({
    padding: int8(0),
    strideWidth: int32(1),
    strideHeight: int32(2),
    activation: int8(3),
  }),
  pool: record({
    padding: int8(0),
    strideWidth: int32(1),
    strideHeight: int32(2),
    filterWidth: int32(3),
    filterHeight: int32(4),
    activation: int8(5),
  }),
  fullyConnected: record({ activation: int8(0), weightsFormat: int8(1), keepNumDims: flag(2) }),
  softmax: record({ beta: float32(0) }),
  concatenation: record({ axis: int32(0), activation: int8(1) }),
  localResponseNormalization: record({ radius: int32(0), bias: float32(1), alpha: float32(2), beta: float32(3) }),
  resizeBilinear: record({ alignCorners: flag(2), halfPixelCenters: flag(3) }),
  resizeNearest: record({ alignCorners: flag(0), halfPixelCenters: flag(1) }),
  reshape: record({ newShape: int32s(0) }),
  block: record({ size: int32(0) }),
  gather: record({ axis: int32(0), batchDims: int32(1) }),
  reducer: record({ keepDims: flag(0) }),
  squeeze: record({ dims: int32s(0) }),
  stridedSlice: record({
    beginMask: int32(0),
    endMask: int32(1),
    ellipsisMask: int32(2),
    newAxisMask: int32(3),
    shrinkAxisMask: int32(4),
    offset: flag(5),
  }),
  leakyRelu: record({ alpha: float32(0) }),
  mirrorPad: record({ mode: int8(0) }),
  pack: record({ axis: int32(1) }),
  batchMatMul: record({ transposeA: flag(0), transposeB: flag(1) }),
  gelu: record({ approximate: flag(0) }),
};

/** By the numbers of `TensorType`. */
// biome-ignore format: a list.
export const TENSOR_TYPES = ['float32', 'float16', 'int32', 'uint8', 'int64', 'string', 'bool', 'int16', 'complex64', 'int8', 'float64', 'complex128', 'uint64', 'resource', 'variant', 'uint32', 'uint16', 'int4'] as const;

/** By the numbers of `BuiltinOperator`, but for StableHLO's, which come after these. */
// biome-ignore format: a list.
export const BUILTIN_OPERATORS = [
  'ADD', 'AVERAGE_POOL_2D', 'CONCATENATION', 'CONV_2D', 'DEPTHWISE_CONV_2D', 'DEPTH_TO_SPACE', 'DEQUANTIZE',
  'EMBEDDING_LOOKUP', 'FLOOR', 'FULLY_CONNECTED', 'HASHTABLE_LOOKUP', 'L2_NORMALIZATION', 'L2_POOL_2D',
  'LOCAL_RESPONSE_NORMALIZATION', 'LOGISTIC', 'LSH_PROJECTION', 'LSTM', 'MAX_POOL_2D', 'MUL', 'RELU', 'RELU_N1_TO_1',
  'RELU6', 'RESHAPE', 'RESIZE_BILINEAR', 'RNN', 'SOFTMAX', 'SPACE_TO_DEPTH', 'SVDF', 'TANH', 'CONCAT_EMBEDDINGS',
  'SKIP_GRAM', 'CALL', 'CUSTOM', 'EMBEDDING_LOOKUP_SPARSE', 'PAD', 'UNIDIRECTIONAL_SEQUENCE_RNN', 'GATHER',
  'BATCH_TO_SPACE_ND', 'SPACE_TO_BATCH_ND', 'TRANSPOSE', 'MEAN', 'SUB', 'DIV', 'SQUEEZE',
  'UNIDIRECTIONAL_SEQUENCE_LSTM', 'STRIDED_SLICE', 'BIDIRECTIONAL_SEQUENCE_RNN', 'EXP', 'TOPK_V2', 'SPLIT',
  'LOG_SOFTMAX', 'DELEGATE', 'BIDIRECTIONAL_SEQUENCE_LSTM', 'CAST', 'PRELU', 'MAXIMUM', 'ARG_MAX', 'MINIMUM', 'LESS',
  'NEG', 'PADV2', 'GREATER', 'GREATER_EQUAL', 'LESS_EQUAL', 'SELECT', 'SLICE', 'SIN', 'TRANSPOSE_CONV',
  'SPARSE_TO_DENSE', 'TILE', 'EXPAND_DIMS', 'EQUAL', 'NOT_EQUAL', 'LOG', 'SUM', 'SQRT', 'RSQRT', 'SHAPE', 'POW',
  'ARG_MIN', 'FAKE_QUANT', 'REDUCE_PROD', 'REDUCE_MAX', 'PACK', 'LOGICAL_OR', 'ONE_HOT', 'LOGICAL_AND', 'LOGICAL_NOT',
  'UNPACK', 'REDUCE_MIN', 'FLOOR_DIV', 'REDUCE_ANY', 'SQUARE', 'ZEROS_LIKE', 'FILL', 'FLOOR_MOD', 'RANGE',
  'RESIZE_NEAREST_NEIGHBOR', 'LEAKY_RELU', 'SQUARED_DIFFERENCE', 'MIRROR_PAD', 'ABS', 'SPLIT_V', 'UNIQUE', 'CEIL',
  'REVERSE_V2', 'ADD_N', 'GATHER_ND', 'COS', 'WHERE', 'RANK', 'ELU', 'REVERSE_SEQUENCE', 'MATRIX_DIAG', 'QUANTIZE',
  'MATRIX_SET_DIAG', 'ROUND', 'HARD_SWISH', 'IF', 'WHILE', 'NON_MAX_SUPPRESSION_V4', 'NON_MAX_SUPPRESSION_V5',
  'SCATTER_ND', 'SELECT_V2', 'DENSIFY', 'SEGMENT_SUM', 'BATCH_MATMUL', 'PLACEHOLDER', 'CUMSUM', 'CALL_ONCE',
  'BROADCAST_TO', 'RFFT2D', 'CONV_3D', 'IMAG', 'REAL', 'COMPLEX_ABS', 'HASHTABLE', 'HASHTABLE_FIND',
  'HASHTABLE_IMPORT', 'HASHTABLE_SIZE', 'REDUCE_ALL', 'CONV_3D_TRANSPOSE', 'VAR_HANDLE', 'READ_VARIABLE',
  'ASSIGN_VARIABLE', 'BROADCAST_ARGS', 'RANDOM_STANDARD_NORMAL', 'BUCKETIZE', 'RANDOM_UNIFORM', 'MULTINOMIAL', 'GELU',
  'DYNAMIC_UPDATE_SLICE', 'RELU_0_TO_1', 'UNSORTED_SEGMENT_PROD', 'UNSORTED_SEGMENT_MAX', 'UNSORTED_SEGMENT_SUM',
  'ATAN2', 'UNSORTED_SEGMENT_MIN', 'SIGN', 'BITCAST', 'BITWISE_XOR', 'RIGHT_SHIFT',
] as const;

/** By the numbers of `Padding`. */
export const PADDINGS = ['SAME', 'VALID'] as const;

/** By the numbers of `ActivationFunctionType`. */
export const ACTIVATIONS = ['NONE', 'RELU', 'RELU_N1_TO_1', 'RELU6', 'TANH', 'SIGN_BIT'] as const;
