import { WeightsError } from '../../engine/common/errors.ts';
import { elementsOf, type Shape } from '../../engine/graph/graph.ts';
import { toFloat16 } from '../../engine/weights/pack.ts';

/** How numbers are stored; 8 bits are those of matrices and filters, with a scale and a zero point for each row. */
export type StoredAs = 'float32' | 'float16' | 'uint8';

/** A tensor to be stored, float32, row-major. */
export interface Numbers {
  readonly name: string;
  readonly shape: Shape;
  readonly values: Float32Array;
}

interface Stored {
  readonly name: string;
  readonly dtype: 'F32' | 'F16' | 'U8';
  readonly shape: Shape;
  readonly data: Float32Array | Uint16Array | Uint8Array;
}

/**
 * A safetensors file (https://github.com/huggingface/safetensors). Throws a `WeightsError` where a number is beyond what
 * float16 has, or is none that 8 bits stand for.
 */
export function writeSafetensors(tensors: readonly Numbers[], as: StoredAs): Uint8Array {
  const stored = tensors.flatMap((tensor) => storedAs(tensor, as));
  let end = 0;
  const header = Object.fromEntries(
    stored.map(({ name, dtype, shape, data }) => {
      const begin = end;
      end += data.byteLength;
      return [name, { dtype, shape, data_offsets: [begin, end] }];
    }),
  );
  // The format's own writer lets tensors begin at multiples of 8.
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.length / 8) * 8;
  const file = new Uint8Array(8 + headerBytes + end).fill(0x20, 8, 8 + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, 8);
  let place = 8 + headerBytes;
  for (const { data } of stored) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}

function storedAs({ name, shape, values }: Numbers, as: StoredAs): Stored[] {
  if (as === 'uint8' && shape.length > 1) return quantized({ name, shape, values });
  if (as !== 'float16') return [{ name, dtype: 'F32', shape, data: values }];
  const large = values.findIndex((value) => Math.abs(value) >= 65520);
  if (large >= 0) {
    throw new WeightsError(`Element ${large} of tensor '${name}' is ${values[large]}; float16 goes to 65504.`);
  }
  return [{ name, dtype: 'F16', shape, data: toFloat16(values) }];
}

/** Each row's numbers from the least to the greatest, zero among them, are shared out among 0 to 255. */
function quantized({ name, shape, values }: Numbers): Stored[] {
  const rows = shape[0] as number;
  const length = elementsOf(shape.slice(1));
  const data = new Uint8Array(values.length);
  const scale = new Float32Array(rows);
  const zeroPoint = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    const numbers = values.subarray(row * length, (row + 1) * length);
    const [least, greatest] = numbers.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [0, 0]);
    const step = (greatest - least) / 255 || 1;
    const place = numbers.findIndex((value) => !Number.isFinite(value));
    if (place >= 0) {
      const element = row * length + place;
      throw new WeightsError(`Element ${element} of tensor '${name}' is ${numbers[place]}, which 8 bits do not have.`);
    }
    const zero = Math.round(-least / step);
    scale[row] = step;
    zeroPoint[row] = zero;
    numbers.forEach((value, index) => {
      data[row * length + index] = Math.min(255, Math.max(0, Math.round(value / step) + zero));
    });
  }
  return [
    { name, dtype: 'U8', shape, data },
    { name: `${name}.scale`, dtype: 'F32', shape: [rows], data: scale },
    { name: `${name}.zero_point`, dtype: 'U8', shape: [rows], data: zeroPoint },
  ];
}
