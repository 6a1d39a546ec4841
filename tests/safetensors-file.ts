/** A tensor as it lies in a file: its dtype, and its bytes. */
export interface FileTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView;
}

/** A safetensors file with the tensors in the given order. `padding` spaces end the header, which moves the data. */
export function safetensorsFile(
  tensors: Readonly<Record<string, FileTensor>>,
  { padding = 0 } = {},
): Uint8Array<ArrayBuffer> {
  let place = 0;
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [place, place + data.byteLength] };
    place += data.byteLength;
  }
  const file = fileWith(JSON.stringify(header) + ' '.repeat(padding), place);
  place = file.length - place;
  for (const { data } of Object.values(tensors)) {
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}

/** A file with this header, and `dataBytes` zeros after it. */
export function fileWith(header: string, dataBytes = 0): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const file = new Uint8Array(8 + text.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file;
}

/** float32 tensors, as most files hold. */
export function float32Tensors(tensors: Readonly<Record<string, { shape: readonly number[]; data: Float32Array }>>) {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, { dtype: 'F32', ...tensor }]));
}
