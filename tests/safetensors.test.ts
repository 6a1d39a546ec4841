import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'playwright/test';
import { WeightsError } from '../engine/errors.ts';
import { checkWeights, loadWeights, renameWeights, type Weights, weightsFrom } from '../engine/weights.ts';
import { type FileTensor, fileWith, safetensorsFile } from './safetensors-file.ts';
import { uniform } from './seeded.ts';

const floats: FileTensor = { dtype: 'F32', shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, -0, 1e-40) };

/** One of everything: halves of odd count and bytes before floats put the floats at odd addresses. */
const everything = {
  halves: { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0x0001) },
  bytes: { dtype: 'U8', shape: [2, 3], data: Uint8Array.of(0, 1, 2, 128, 254, 255) },
  'bytes.scale': { dtype: 'F32', shape: [], data: Float32Array.of(0.5) },
  'bytes.zero_point': { dtype: 'U8', shape: [], data: Uint8Array.of(128) },
  floats,
  'norm.num_batches_tracked': { dtype: 'I64', shape: [], data: BigInt64Array.of(7n) },
  brain: { dtype: 'BF16', shape: [1, 1], data: Uint16Array.of(0x4049) },
} satisfies Record<string, FileTensor>;

/** A stream of the file in pieces of `pieceBytes`; tells whether its reader gave it up. */
function streamOf(file: Uint8Array, pieceBytes: number, then: 'close' | 'stall' | 'fail' = 'close') {
  const state: { cancelledWith?: unknown } = {};
  let place = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (place < file.length) {
        controller.enqueue(file.slice(place, place + pieceBytes));
        place += pieceBytes;
      } else if (then === 'close') controller.close();
      else if (then === 'fail') controller.error(new TypeError('terminated'));
      else return new Promise(() => {});
      return undefined;
    },
    cancel(reason) {
      state.cancelledWith = reason;
    },
  });
  return { response: new Response(stream), state };
}

const failure = async (promise: Promise<unknown>): Promise<WeightsError> => {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WeightsError);
  return error as WeightsError;
};
const read = async (weights: Weights, name: string) => [...(await weights.read(name))];
const only = async (tensor: FileTensor, beside: Record<string, FileTensor> = {}) =>
  read(await loadWeights(safetensorsFile({ t: tensor, ...beside })), 't');

async function expectEverything(weights: Weights) {
  expect(Object.fromEntries(weights.shapes)).toEqual({ halves: [3], bytes: [2, 3], floats: [2, 3], brain: [1, 1] });
  expect(await read(weights, 'halves')).toEqual([1, -2, 2 ** -24]);
  expect(await read(weights, 'bytes')).toEqual([-64, -63.5, -63, 0, 63, 63.5]);
  expect(await read(weights, 'floats')).toEqual([...(floats.data as Float32Array)]);
  expect(await read(weights, 'brain')).toEqual([3.140625]);
}

test('every kind of source, and data at every alignment', async () => {
  for (let padding = 0; padding < 9; padding++) {
    const file = safetensorsFile(everything, { padding });
    await expectEverything(await loadWeights(file.buffer));
    await expectEverything(await loadWeights(new Blob([file])));
    await expectEverything(await loadWeights(new Response(file)));
    const shifted = new Uint8Array(file.length + 11);
    shifted.set(file, 3);
    await expectEverything(await loadWeights(shifted.subarray(3, 3 + file.length)));
    await expectEverything(await loadWeights(new DataView(shifted.buffer, 3, file.length)));
  }
});

test('streams in tiny pieces, with progress', async () => {
  const file = safetensorsFile(everything);
  for (const pieceBytes of [1, 2, 7, 100, 1000]) {
    const progress: { loaded: number; total?: number }[] = [];
    const { response } = streamOf(file, pieceBytes);
    await expectEverything(await loadWeights(response, { onProgress: (state) => progress.push(state) }));
    expect(progress.at(-1)).toEqual({ stage: 'weights', loaded: file.length, total: file.length });
    const loaded = progress.map((state) => state.loaded);
    expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
    for (const { total } of progress) expect([undefined, file.length]).toContain(total);
  }
});

test('special floats', async () => {
  const data = Float32Array.of(Infinity, -Infinity, Number.NaN, -0, 3.4028234663852886e38, 1.401298464324817e-45);
  expect(await only({ dtype: 'F32', shape: [6], data })).toEqual([...data]);
});

test('all 65,536 halves', async () => {
  const decoded = await only({ dtype: 'F16', shape: [65536], data: Uint16Array.from({ length: 65536 }, (_, i) => i) });
  const expected = Array.from({ length: 65536 }, (_, half) => {
    const sign = half & 0x8000 ? -1 : 1;
    const [exponent, fraction] = [(half >> 10) & 31, half & 1023];
    if (exponent === 31) return fraction ? Number.NaN : sign * Infinity;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
  });
  expect(decoded).toEqual(expected);
});

test('bfloat16', async () => {
  const data = Uint16Array.of(0x0000, 0x8000, 0x3f80, 0xc2f7, 0x7f80, 0xff80, 0x7fc0, 0x0001, 0x7f7f);
  const [tiny, largest] = [2 ** -133, 255 * 2 ** 120];
  const expected = [0, -0, 1, -123.5, Infinity, -Infinity, Number.NaN, tiny, largest];
  expect(await only({ dtype: 'BF16', shape: [9], data })).toEqual(expected);
});

test('quantised tensors: one scale or one for each output channel, any dtype of zero point', async () => {
  const signed = { dtype: 'I8', shape: [2, 2], data: Int8Array.of(-128, -1, 0, 127) };
  const scale = { dtype: 'F32', shape: [2], data: Float32Array.of(0.5, 2) };
  const zeroPoints: FileTensor[] = [
    { dtype: 'I8', shape: [2], data: Int8Array.of(-1, 3) },
    { dtype: 'I16', shape: [2], data: Int16Array.of(-1, 3) },
    { dtype: 'I32', shape: [2], data: Int32Array.of(-1, 3) },
    { dtype: 'I64', shape: [2, 1], data: BigInt64Array.of(-1n, 3n) },
    { dtype: 'F32', shape: [2], data: Float32Array.of(-1, 3) },
    { dtype: 'F16', shape: [2, 1, 1, 1], data: Uint16Array.of(0xbc00, 0x4200) },
    { dtype: 'BF16', shape: [2], data: Uint16Array.of(0xbf80, 0x4040) },
  ];
  for (const zeroPoint of zeroPoints) {
    expect(await only(signed, { 't.scale': scale, 't.zero_point': zeroPoint })).toEqual([-63.5, 0, -6, 248]);
  }
  const half = { dtype: 'F16', shape: [1], data: Uint16Array.of(0x3800) };
  const unsigned = { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 127, 255) };
  const one: FileTensor[] = [
    { dtype: 'U8', shape: [1], data: Uint8Array.of(127) },
    { dtype: 'U16', shape: [], data: Uint16Array.of(127) },
    { dtype: 'U32', shape: [], data: Uint32Array.of(127) },
  ];
  for (const zeroPoint of one) {
    expect(await only(unsigned, { 't.scale': half, 't.zero_point': zeroPoint })).toEqual([-63.5, 0, 64]);
  }
  const mixed = { 't.scale': scale, 't.zero_point': { dtype: 'I8', shape: [], data: Int8Array.of(-1) } };
  expect(await only(signed, mixed)).toEqual([-63.5, 0, 2, 256]);
});

test('a quantised tensor with something wrong beside it', async () => {
  const t = { dtype: 'U8', shape: [2, 2], data: Uint8Array.of(1, 2, 3, 4) };
  const scale = { dtype: 'F32', shape: [1], data: Float32Array.of(1) };
  const zero = { dtype: 'U8', shape: [], data: Uint8Array.of(0) };
  const message = async (beside: Record<string, FileTensor>) => (await failure(only(t, beside))).message;
  expect(await message({})).toContain("Tensor 't' (U8) has no 't.scale' and 't.zero_point' beside it.");
  expect(await message({ 't.scale': scale })).toContain("Tensor 't' (U8) has no 't.zero_point' beside it.");
  expect(await message({ 't.zero_point': zero })).toContain("Tensor 't' (U8) has no 't.scale' beside it.");
  expect(await message({ 't.scale': { ...zero, dtype: 'I8' }, 't.zero_point': zero })).toContain(
    "Tensor 't.scale' has dtype I8 instead of F32 or F16.",
  );
  const three = { dtype: 'F32', shape: [3], data: new Float32Array(3) };
  expect(await message({ 't.scale': three, 't.zero_point': zero })).toContain(
    "Tensor 't.scale' has 3 values instead of 1, or 2: one for each output channel.",
  );
  expect(await message({ 't.scale': scale, 't.zero_point': three })).toContain("Tensor 't.zero_point' has 3 values");
});

test('a broken header', async () => {
  const entry = (info: unknown, name = 'a') => JSON.stringify({ [name]: info });
  const message = async (header: string, dataBytes = 0) =>
    (await failure(loadWeights(fileWith(header, dataBytes)))).message;
  expect(await message('')).toContain('The header is not JSON');
  expect(await message('{"a"')).toContain('The header is not JSON');
  expect(await message('\ufeff{}')).toContain('The header is not JSON');
  expect(await message('[1]')).toContain('The header is not a JSON object but [1].');
  expect(await message('{"__metadata__":{"a":1}}')).toContain("The header's '__metadata__' does not map names to text");
  expect(await message(entry(7))).toContain(
    "Tensor 'a' is described by 7 instead of a dtype, a shape and two data_offsets.",
  );
  expect(await message(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)).toContain("Tensor 'a'");
  expect(await message(entry({ dtype: 'F32', shape: [-1], data_offsets: [0, 4] }))).toContain(
    "Tensor 'a' is described by",
  );
  expect(await message(entry({ dtype: 'F32', shape: [1], data_offsets: [0] }))).toContain("Tensor 'a' is described by");
  expect(await message(entry({ dtype: 'F32', shape: [1.5], data_offsets: [0, 6] }), 6)).toContain(
    "Tensor 'a' is described",
  );
  expect(await message(entry({ dtype: 'F8_E4M3', shape: [1], data_offsets: [0, 1] }), 1)).toContain(
    "Tensor 'a' has dtype F8_E4M3, which is none of F32, F16, BF16,",
  );
  expect(await message(entry({ dtype: 'toString', shape: [1], data_offsets: [0, 1] }), 1)).toContain('dtype toString');
  expect(await message(entry({ dtype: 'I64', shape: [1], data_offsets: [0, 8] }), 8)).toContain(
    "Tensor 'a' has dtype I64 instead of F32, F16, BF16, or U8 or I8 with a scale and a zero point.",
  );
  expect(await message(entry({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 20] }), 20)).toContain(
    "Tensor 'a' takes 24 bytes as F32 [2, 3], but its data_offsets [0, 20] span 20.",
  );
  expect(await message(entry({ dtype: 'F32', shape: [2], data_offsets: [8, 0] }), 8)).toContain('span -8');
  expect(await message(entry({ dtype: 'F32', shape: [2], data_offsets: [0, 8] }), 4)).toMatch(
    /The header describes a file of (\d+) bytes instead of \d+\./,
  );
  const two = (b: [number, number]) =>
    `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[${b}]}}`;
  expect(await message(two([2, 6]), 6)).toContain("Tensor 'b' begins at byte 2 instead of 4 and so overlaps");
  expect(await message(two([5, 9]), 9)).toContain("Tensor 'b' begins at byte 5 instead of 4 and so leaves a gap.");
  expect(await message(two([4, 8]).replace('"b"', '"\\u0061"'), 8)).toContain("The header holds 'a' twice.");
  expect(await message(two([4, 8]).replace('"shape"', '"dtype":"F16","shape"'), 8)).toContain("holds 'dtype' twice");
  const huge = fileWith('{}');
  new DataView(huge.buffer).setBigUint64(0, 100_000_001n, true);
  expect((await failure(loadWeights(huge))).message).toContain(
    'its header would have 100000001 bytes, more than 100000000.',
  );
  const page = new TextEncoder().encode('<!doctype html><title>Not found</title>');
  expect((await failure(loadWeights(page))).message).toContain('This is not a safetensors file');
  new DataView(huge.buffer).setBigUint64(0, 3n, true);
  expect((await failure(loadWeights(huge))).message).toContain(
    "The header's 3 bytes do not fit into a file of 10 bytes.",
  );
  // Far more than any memory, in a stream whose length nobody knows.
  const bytes = 2 ** 50;
  const giant = entry({ dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] });
  const error = await failure(loadWeights(streamOf(fileWith(giant), 64).response));
  expect(error.message).toContain(`There is no memory for the ${bytes} bytes of tensor 'a'.`);
});

test('names that a JavaScript object knows, and braces and quotes in names, are names like others', async () => {
  const names = ['__proto__', 'constructor', 'a"}{:"b', '\\', '', ' ', 'ü\u{1f426}'];
  const header = `{${names.map((name, i) => `${JSON.stringify(name)} : {"dtype":"F32","shape":[1],"data_offsets":[${4 * i},${4 * i + 4}]}`)}}`;
  const weights = await loadWeights(fileWith(header, 4 * names.length));
  expect([...weights.shapes.keys()]).toEqual(names);
  for (const name of names) expect(await read(weights, name)).toEqual([0]);
  expect((await failure(weights.read('toString'))).message).toBe("There is no tensor 'toString' in the file.");
});

test('empty tensors and an empty file of tensors', async () => {
  expect((await loadWeights(fileWith('{}'))).shapes.size).toBe(0);
  const empty = { dtype: 'F32', shape: [0, 3], data: new Float32Array() };
  const weights = await loadWeights(safetensorsFile({ empty, floats, also: empty }));
  expect(await read(weights, 'also')).toEqual([]);
  expect(await read(weights, 'floats')).toHaveLength(6);
});

test('a file cut short anywhere, or too long', async () => {
  const file = safetensorsFile(everything);
  for (let bytes = 0; bytes < file.length; bytes++) {
    await failure(loadWeights(file.slice(0, bytes)));
    const error = await failure(loadWeights(streamOf(file.subarray(0, bytes), 64).response));
    expect(error.message).toContain(`The file ends after ${bytes} bytes, inside `);
  }
  const longer = new Uint8Array(file.length + 1);
  longer.set(file);
  const message = `The header describes a file of ${file.length} bytes`;
  expect((await failure(loadWeights(longer))).message).toContain(`${message} instead of ${longer.length}.`);
  expect((await failure(loadWeights(streamOf(longer, 64).response))).message).toContain(message);
});

test('a broken connection', async () => {
  const file = safetensorsFile(everything);
  const error = await failure(loadWeights(streamOf(file.subarray(0, 100), 50, 'fail').response));
  expect(error.message).toBe(
    'The connection breaks after 100 bytes: terminated.\n - While loading weights from a response',
  );
  expect((error.cause as Error).message).toBe('terminated');
});

test('an abort ends a stalled download, with its reason, and cancels the stream', async () => {
  const file = safetensorsFile(everything);
  for (const after of [0, 4, 100, file.length - 1]) {
    const { response, state } = streamOf(file.subarray(0, after), 50, 'stall');
    const abort = new AbortController();
    const loading = loadWeights(response, { signal: abort.signal });
    setTimeout(() => abort.abort('enough'), 5);
    await expect(loading).rejects.toBe('enough');
    expect(state.cancelledWith).toBe('enough');
  }
  const { response, state } = streamOf(file, 50);
  await expect(loadWeights(response, { signal: AbortSignal.abort('before') })).rejects.toBe('before');
  expect(state).toEqual({});
  const inProgress = new AbortController();
  const onProgress = () => inProgress.abort('in progress');
  for (const source of [file, new Blob([file]), streamOf(file, 50).response]) {
    await expect(loadWeights(source, { signal: inProgress.signal, onProgress })).rejects.toBe('in progress');
  }
});

test('a broken file ends its download', async () => {
  const { response, state } = streamOf(fileWith('[]', 1000), 10, 'stall');
  await failure(loadWeights(response));
  expect(state).toHaveProperty('cancelledWith');
});

test('the expected size and digest', async () => {
  const file = safetensorsFile({ floats });
  const hash = await crypto.subtle.digest('SHA-256', file);
  const sha256 = Buffer.from(hash).toString('hex');
  const sources = () => [file, new Blob([file]), streamOf(file, 10).response];
  for (const source of sources()) {
    expect((await loadWeights(source, { bytes: file.length, sha256: sha256.toUpperCase() })).shapes.size).toBe(1);
  }
  for (const source of sources()) {
    expect((await failure(loadWeights(source, { bytes: 120 }))).message).toContain(
      `${file.length} bytes instead of 120.`,
    );
  }
  const other = '0'.repeat(64);
  for (const source of sources()) {
    const { message } = await failure(loadWeights(source, { sha256: other }));
    expect(message).toContain(`The file's SHA-256 is ${sha256} instead of ${other}.`);
  }
});

test('over HTTP: answers, errors, an abort', async () => {
  const file = safetensorsFile(everything);
  const server = createServer((request, response) => {
    if (request.url === '/model.safetensors') response.end(file);
    else if (request.url === '/short') {
      response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 50), () => response.destroy());
    } else if (request.url === '/stall') response.write(file.subarray(0, 50));
    else response.writeHead(404).end('no');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const at = (path: string) => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
    await expectEverything(await loadWeights(at('/model.safetensors')));
    await expectEverything(await loadWeights(new URL(at('/model.safetensors'))));
    expect((await failure(loadWeights(at('/nothing')))).message).toBe(
      `The server answers with status 404.\n - While loading weights from '${at('/nothing')}'`,
    );
    expect((await failure(loadWeights(at('/short')))).message).toContain('The connection breaks after 50 bytes');
    const abort = new AbortController();
    const stalled = loadWeights(at('/stall'), { signal: abort.signal, onProgress: () => abort.abort('enough') });
    await expect(stalled).rejects.toBe('enough');
  } finally {
    server.closeAllConnections();
    server.close();
  }
  expect((await failure(loadWeights('http://127.0.0.1:1/'))).message).toContain('The file cannot be fetched');
  expect((await failure(loadWeights('not an address'))).message).toContain('The file cannot be fetched');
  expect((await failure(loadWeights(7 as unknown as string))).message).toContain('not from number.');
  const used = new Response(file);
  await used.arrayBuffer();
  expect((await failure(loadWeights(used))).message).toContain('The response is being read elsewhere.');
  expect((await failure(loadWeights(new Response(null)))).message).toContain('The file ends after 0 bytes');
});

test('2,000 seeded mutations end in a WeightsError or in weights', async () => {
  const file = safetensorsFile(everything);
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
  const digits = [...file.keys()].filter(
    (at) => at >= 8 && at < 8 + headerBytes && /\d/.test(String.fromCharCode(file[at] as number)),
  );
  const words = ['F16', 'I64', '-1', '1e9', 'null', '[]', '{}', '"', '9007199254740993', '__metadata__', ','];
  const started = performance.now();
  const ends = { weights: 0, error: 0 };
  for (let round = 0; round < 2000; round++) {
    const random = uniform(`mutation ${round}`, 12).map((u) => (u + 1) / 2);
    let next = 0;
    const below = (limit: number) => Math.floor((random[next++ % random.length] as number) * limit);
    let mutant = file.slice();
    const kind = below(5);
    if (kind === 0) for (let n = 0; n <= below(3); n++) (mutant[below(8 + headerBytes)] as number) ^= 1 << below(8);
    else if (kind === 1) (mutant[below(mutant.length)] as number) ^= 1 << below(8);
    else if (kind === 2) mutant = mutant.slice(0, below(mutant.length));
    else if (kind === 3) mutant[digits[below(digits.length)] as number] = 48 + below(10);
    else {
      // An edit of the header that keeps its length right.
      const text = new TextDecoder().decode(file.subarray(8, 8 + headerBytes));
      const at = below(text.length);
      const edited = text.slice(0, at) + words[below(words.length)] + text.slice(at + below(6));
      mutant = fileWith(edited, file.length - 8 - headerBytes);
      mutant.set(file.subarray(8 + headerBytes), mutant.length - (file.length - 8 - headerBytes));
    }
    const source = round % 2 ? mutant : streamOf(mutant, 1 + below(300)).response;
    try {
      const weights = await loadWeights(source);
      for (const [name, shape] of weights.shapes) {
        expect(await weights.read(name)).toHaveLength(shape.reduce((product, size) => product * size, 1));
      }
      ends.weights++;
    } catch (error) {
      expect(error, `mutation ${round}`).toBeInstanceOf(WeightsError);
      ends.error++;
    }
  }
  expect(ends.weights).toBeGreaterThan(100);
  expect(ends.error).toBeGreaterThan(1000);
  expect(performance.now() - started).toBeLessThan(30_000);
});

test('weights from arrays', async () => {
  const weights = weightsFrom({
    a: { shape: [2, 1], data: Float32Array.of(1, 2) },
    b: { shape: [], data: Float32Array.of(3) },
  });
  expect(await read(weights, 'a')).toEqual([1, 2]);
  expect([...weights.shapes]).toEqual([
    ['a', [2, 1]],
    ['b', []],
  ]);
  expect((await failure(weights.read('c'))).message).toBe("There is no tensor 'c'.");
  expect(() => weightsFrom({ a: { shape: [2, 2], data: new Float32Array(3) } })).toThrow(
    new WeightsError("Tensor 'a' has 3 values instead of 4 for [2, 2]."),
  );
});

test('renamed weights', async () => {
  const weights = weightsFrom({
    a: { shape: [1], data: Float32Array.of(1) },
    b: { shape: [1], data: Float32Array.of(2) },
  });
  const renamed = renameWeights(weights, (name) => `new.${name}`);
  expect([...renamed.shapes.keys()]).toEqual(['new.a', 'new.b']);
  expect(await read(renamed, 'new.b')).toEqual([2]);
  expect((await failure(renamed.read('b'))).message).toBe("There is no tensor 'b'.");
  expect(() => renameWeights(weights, () => 'x')).toThrow("The tensors 'a' and 'b' would both be called 'x'.");
});

test('weights that do not fit the network', async () => {
  const tensor = (shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  const weights = weightsFrom({ conv: tensor([4, 3, 1, 1]), dense: tensor([5, 7]), bias: tensor([5]) });
  const check = (tensors: Record<string, number[]>) =>
    checkWeights(
      weights,
      Object.entries(tensors).map(([name, shape]) => ({ name, shape })),
    );
  check({ conv: [4, 3, 1, 1], dense: [5, 7], bias: [5] });
  check({ conv: [4, 3], dense: [5, 7, 1, 1], bias: [5] });
  check({ conv: [4, 3, 1, 1], dense: [5, 1, 7, 1], bias: [5] });
  expect(() => check({ conv: [4, 3, 3, 3], dense: [5, 7], bias: [5] })).toThrow(
    'The weights do not fit the network (the file holds 3 tensors, the network has 3). ' +
      "1 tensor is of another shape: 'conv' is [4, 3, 1, 1] instead of [4, 3, 3, 3].",
  );
  expect(() => check({ conv: [3, 4], dense: [5, 7], bias: [5, 1, 1] })).toThrow(
    "2 tensors are of another shape: 'conv' is [4, 3, 1, 1] instead of [3, 4], 'bias' is [5] instead of [5, 1, 1].",
  );
  expect(() => check({ conv: [4, 3], a: [1], b: [2], c: [3], d: [4], e: [5] })).toThrow(
    "(the file holds 3 tensors, the network has 6). 5 tensors are missing: 'a' [1], 'b' [2], 'c' [3], and 2 more. " +
      "2 tensors are not in the network: 'dense' [5, 7], 'bias' [5].",
  );
  expect(() => check({})).toThrow(WeightsError);
});
