/*
 * What is said of files that are networks: types that stand by themselves, as they are part of the public ones.
 */
import type { Preprocess } from '../../engine/common/picture.ts';
import type { Shape } from '../../engine/graph/graph.ts';

/** Of the numbers in a file. */
export type ElementType =
  | 'float32'
  | 'uint8'
  | 'int8'
  | 'uint16'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'bool'
  | 'float16'
  | 'float64'
  | 'uint32'
  | 'uint64'
  | 'bfloat16'
  | 'uint4'
  | 'int4';

/** An input or an output of a file's network, as its caller has it. */
export interface FileValue<Type extends string = string> {
  readonly name: string;
  /** A map's is `[batch, channels, height, width]`, or as an ONNX file has it. */
  readonly shape: Shape;
  /** Of its elements in the file. Linnet has floats. */
  readonly type: Type;
}

/** What a file says of itself, if it does. */
export interface Hints {
  /** How a picture becomes the first input that is a map. */
  readonly preprocess?: Preprocess;
  /** Names of the classes of the first output that has some. */
  readonly labels?: readonly string[];
}
