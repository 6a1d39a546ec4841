import type { RequestListener } from 'node:http';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'playwright/test';
import { listen } from '../e2e/server.ts';
import { FetchError, InputError, type LinnetError, WeightsError } from '../engine/common/errors.ts';
import { type LoadWeightsOptions, loadWeights, type WeightsSource } from '../engine/weights/load.ts';
import { checkWeights, renameWeights, requireWeights, type Weights, weightsFrom } from '../engine/weights/weights.ts';
import { otherFiles } from './other-files.ts';
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

const failure = async <Failure extends LinnetError = WeightsError>(
  promise: Promise<unknown>,
  kind: abstract new (...values: never[]) => LinnetError = WeightsError,
): Promise<Failure> => {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(kind);
  return error as Failure;
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
  const three = { dtype: 'F32', shape: [3], data: new Float32Array(3) };
  const odd: Record<string, FileTensor>[] = [
    {},
    { 't.scale': scale },
    { 't.zero_point': zero },
    { 't.scale': { ...zero, dtype: 'I8' }, 't.zero_point': zero },
    { 't.scale': three, 't.zero_point': zero },
    { 't.scale': scale, 't.zero_point': three },
    { 't.scale': scale, 't.zero_point': { ...zero, dtype: 'BOOL' } },
  ];
  for (const beside of odd) {
    expect((await failure(only(t, beside))).message).toBe(
      "Tensor 't' is U8 instead of F32, F16, BF16, F64, or U8 or I8 with 't.scale', floats, and 't.zero_point', of 1 or 2 values each.",
    );
  }
  const halves = { dtype: 'I16', shape: [2, 2], data: new Int16Array(4) };
  expect((await failure(only(halves, { 't.scale': scale, 't.zero_point': zero }))).message).toContain(
    "'t' is I16 instead",
  );
  for (const dtype of ['F64', 'BF16']) {
    const data = dtype === 'F64' ? Float64Array.of(0.5) : Uint16Array.of(0x3f00);
    const decoded = await only(t, { 't.scale': { dtype, shape: [1], data }, 't.zero_point': zero });
    expect(decoded).toEqual([0.5, 1, 1.5, 2]);
  }
});

test('doubles are read as floats', async () => {
  const data = Float64Array.of(0.1, -1e-50, 2 ** 127, 1e39);
  expect(await only({ dtype: 'F64', shape: [4], data })).toEqual([Math.fround(0.1), -0, 2 ** 127, Infinity]);
});

test('tensors of other types are left out, and told where they are needed', async () => {
  const others: Record<string, FileTensor> = {
    counter: { dtype: 'I64', shape: [], data: BigInt64Array.of(1n) },
    flags: { dtype: 'BOOL', shape: [3], data: Uint8Array.of(0, 1, 1) },
    mask: { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 1, 2) },
    ids: { dtype: 'I16', shape: [1, 2], data: Int16Array.of(1, 2) },
    tiny: { dtype: 'F8_E4M3', shape: [5], data: new Uint8Array(5) },
    tinier: { dtype: 'F4', shape: [6], data: new Uint8Array(3) },
    complex: { dtype: 'C64', shape: [1], data: new Float32Array(2) },
    large: { dtype: 'U64', shape: [2], data: new BigUint64Array(2) },
    later: { dtype: 'SOMETHING_NEW', shape: [7], data: new Uint8Array(3) },
  };
  const file = safetensorsFile({ ...others, floats });
  for (const source of [file, streamOf(file, 7).response]) {
    const weights = await loadWeights(source);
    expect([...weights.shapes]).toEqual([['floats', [2, 3]]]);
    expect(await read(weights, 'floats')).toEqual([...(floats.data as Float32Array)]);
    checkWeights(weights, [{ name: 'floats', shape: [2, 3] }]);
    for (const [name, { dtype, shape }] of Object.entries(others)) {
      const said = `is ${dtype} instead of F32, F16, BF16, F64, or U8 or I8 with '${name}.scale'`;
      expect((await failure(weights.read(name))).message).toContain(`Tensor '${name}' ${said}`);
      expect(() =>
        checkWeights(weights, [
          { name: 'floats', shape: [2, 3] },
          { name, shape },
        ]),
      ).toThrow(`1 tensor is missing: '${name}' [${shape.join(', ')}], which ${said}`);
      const renamed = renameWeights(weights, (old) => `model.${old}`);
      expect((await failure(renamed.read(`model.${name}`))).message).toContain(`Tensor 'model.${name}' is ${dtype}`);
    }
  }
  // What flows past is the same.
  const flowing = await loadWeights(new Blob([file]), { holdBytes: 0 });
  expect(await read(flowing, 'floats')).toEqual([...(floats.data as Float32Array)]);
  expect((await failure(flowing.read('mask'))).message).toContain("Tensor 'mask' is U8");
  // A tensor of floats that the network does not have is still one too many.
  expect(() => checkWeights(flowing, [])).toThrow("1 tensor is not in the network: 'floats' [2, 3].");
});

test('tensors that are left out are not held', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const live = () => {
    // What the first one finds is freed beside the script, and counts as free after the second.
    collectGarbage();
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  const MIB = 2 ** 20;
  const answer = (dtype: string) => {
    const header = JSON.stringify({ a: { dtype, shape: [8 * MIB], data_offsets: [0, 32 * MIB] } });
    const pieces = [fileWith(header), ...Array<undefined>(32).fill(undefined)];
    const pull = (controller: ReadableStreamDefaultController) => {
      if (pieces.length === 0) controller.close();
      else controller.enqueue(pieces.shift() ?? new Uint8Array(MIB));
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
  };
  const held = async (dtype: string) => {
    const before = live();
    const weights = await loadWeights(answer(dtype));
    const bytes = live() - before;
    expect(weights.shapes.size).toBe(dtype === 'F32' ? 1 : 0);
    return bytes / MIB;
  };
  expect(await held('F32')).toBeGreaterThan(31);
  expect(await held('I32')).toBeLessThan(8);
});

test('a broken header', async () => {
  const entry = (info: unknown, name = 'a') => JSON.stringify({ [name]: info });
  const message = async (header: string, dataBytes = 0) =>
    (await failure(loadWeights(fileWith(header, dataBytes)))).message;
  expect(await message('')).toContain('The header is not JSON');
  expect(await message('{"a"')).toContain('The header is not JSON');
  expect(await message('\ufeff{}')).toContain('The header is not JSON');
  expect(await message('[1]')).toContain('The header is not a JSON object but [1].');
  // What others note there is theirs; a tensor of that name leaves a gap.
  expect((await loadWeights(fileWith('{"__metadata__":{"a":1}}'))).shapes.size).toBe(0);
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
  expect(await message(entry({ dtype: 'F32', shape: [2, 3], data_offsets: [0, 20] }), 20)).toContain(
    "Tensor 'a' takes 24 bytes as F32 [2, 3], and has data_offsets [0, 20].",
  );
  for (const dtype of ['F32', 'toString', 'BOOL']) {
    expect(await message(entry({ dtype, shape: [2], data_offsets: [8, 0] }), 8)).toContain('has data_offsets [8, 0].');
  }
  expect(await message(entry({ dtype: 'F8_E5M2', shape: [3], data_offsets: [0, 4] }), 4)).toContain('takes 3 bytes as');
  expect(await message(entry({ dtype: 'F32', shape: [2], data_offsets: [0, 8] }), 4)).toMatch(
    /The header describes a file of (\d+) bytes instead of \d+\./,
  );
  const two = (b: [number, number]) =>
    `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[${b}]}}`;
  expect(await message(two([2, 6]), 6)).toContain("Tensor 'b' begins at byte 2 instead of 4.");
  expect(await message(two([5, 9]), 9)).toContain("Tensor 'b' begins at byte 5 instead of 4.");
  expect(await message(two([4, 8]).replace('"b"', '"\\u0061"'), 8)).toContain("The header holds 'a' twice.");
  expect(await message(two([4, 8]).replace('"shape"', '"dtype":"F16","shape"'), 8)).toContain("holds 'dtype' twice");
  const huge = fileWith('{}');
  new DataView(huge.buffer).setBigUint64(0, 100_000_001n, true);
  expect((await failure(loadWeights(streamOf(huge, 64).response))).message).toContain(
    'The file is cut short or not safetensors: its header would have 100000001 bytes, more than 100000000.',
  );
  const unknown = new TextEncoder().encode('OggS, or something else');
  expect((await failure(loadWeights(unknown))).message).toContain(
    'The file is cut short or not safetensors: its header would have ',
  );
  new DataView(huge.buffer).setBigUint64(0, 3n, true);
  expect((await failure(loadWeights(huge))).message).toContain('its header would have 3 bytes, more than 2.');
  // Far more than any memory, in a stream whose length nobody knows.
  const bytes = 2 ** 50;
  const giant = entry({ dtype: 'F32', shape: [bytes / 4], data_offsets: [0, bytes] });
  const error = await failure(loadWeights(streamOf(fileWith(giant), 64).response));
  expect(error.message).toContain(`There is no memory for the ${bytes} bytes of tensor 'a'.`);
});

test('files of other formats are named as what they are', async () => {
  for (const [file, [beginning, what]] of Object.entries(otherFiles)) {
    // Some of a file follows its beginning.
    const rest = new Uint8Array(beginning.length + 2000).fill(7);
    rest.set(beginning);
    for (const bytes of [beginning, rest]) {
      for (const source of [bytes, new Blob([bytes]), streamOf(bytes, 100).response]) {
        const { message, cause } = await failure(loadWeights(source));
        expect(message, file).toMatch(
          /^This is not a safetensors file but [^:]+: [^:]+\.\n - While loading weights from /,
        );
        expect(message, file).toContain(what);
        expect(cause).toBeInstanceOf(WeightsError);
      }
    }
  }
  const [pth] = otherFiles['model.pth'] as [Uint8Array<ArrayBuffer>, string];
  expect((await failure(loadWeights(pth))).message).toBe(
    'This is not a safetensors file but PyTorch or a pickle (.pth): convert it by safetensors.torch.save_file.\n' +
      ' - While loading weights from Uint8Array',
  );
});

test('a broken file of our own is not taken for one of another format', async () => {
  // Headers whose lengths look like the beginnings of other files: pickle, gzip, ONNX.
  for (const length of [0x020280, 0x088b1f, 0x123a08]) {
    const file = fileWith(JSON.stringify({ a: 1 }).padEnd(length));
    expect((await failure(loadWeights(file))).message).toContain("Tensor 'a' is described by 1");
  }
});

test('names that a JavaScript object knows, and braces and quotes in names, are names like others', async () => {
  const names = ['__proto__', 'constructor', 'a"}{:"b', '\\', '', ' ', 'ü\u{1f426}'];
  const header = `{${names.map((name, i) => `${JSON.stringify(name)} : {"dtype":"F32","shape":[1],"data_offsets":[${4 * i},${4 * i + 4}]}`)}}`;
  const weights = await loadWeights(fileWith(header, 4 * names.length));
  expect([...weights.shapes.keys()]).toEqual(names);
  for (const name of names) expect(await read(weights, name)).toEqual([0]);
  expect((await failure(weights.read('toString'))).message).toBe("There is no tensor 'toString'.");
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
  for (const source of [new Uint8Array(), new Blob(), new Response(null), streamOf(new Uint8Array(), 1).response]) {
    expect((await failure(loadWeights(source))).message).toContain('The file is empty.');
  }
  for (let bytes = 1; bytes < file.length; bytes++) {
    await failure(loadWeights(file.slice(0, bytes)));
    const error = await failure(loadWeights(streamOf(file.subarray(0, bytes), 64).response));
    expect(error.message).toContain(`The file ends after ${bytes} bytes, inside `);
  }
  const longer = new Uint8Array(file.length + 1);
  longer.set(file);
  const message = `The header describes a file of ${file.length} bytes`;
  expect((await failure(loadWeights(longer))).message).toContain(`${message} instead of ${longer.length}.`);
  expect((await failure(loadWeights(streamOf(longer, 64).response))).message).toContain(
    `${message} instead of ${longer.length} or more.`,
  );
});

test('a broken connection', async () => {
  const file = safetensorsFile(everything);
  const error = await failure(loadWeights(streamOf(file.subarray(0, 100), 50, 'fail').response), FetchError);
  expect(error.message).toBe(
    'The connection breaks after 100 bytes (terminated).\n - While loading weights from Response',
  );
  expect((error.cause as Error).message).toBe('terminated');
  const texts = new ReadableStream({ start: (controller) => controller.enqueue('a text') });
  expect((await failure(loadWeights(new Response(texts)), FetchError)).message).toContain(
    'The connection breaks after 0 bytes (then comes String).',
  );
});

test('an answer that is shorter than the server said', async () => {
  const file = safetensorsFile(everything);
  const answer = (bytes: number, said: number, headers = {}) =>
    new Response(streamOf(file.subarray(0, bytes), 64).response.body, {
      headers: { ...headers, 'content-length': `${said}` },
    });
  expect((await failure(loadWeights(answer(300, file.length)), FetchError)).message).toContain(
    `The connection breaks after 300 bytes (${file.length} were to come).`,
  );
  expect((await failure(loadWeights(answer(300, 300)))).message).toContain('The file ends after 300 bytes, inside ');
  expect((await failure(loadWeights(answer(300, 100)))).message).toContain('The file ends after 300 bytes, inside ');
  // What cannot be compressed grows by a little, and a page sees the header of the compressed bytes.
  await expectEverything(await loadWeights(answer(file.length, file.length + 30, { 'content-encoding': 'gzip' })));
  await expectEverything(await loadWeights(answer(file.length, file.length >> 1, { 'content-encoding': 'br' })));
});

test('a response that its maker gives up rejects with that', async () => {
  const reason = new DOMException('Enough.', 'AbortError');
  const body = new ReadableStream({ start: (controller) => controller.error(reason) });
  await expect(loadWeights(new Response(body))).rejects.toBe(reason);
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

/** Runs `work` with a server that answers so, and the function that gives its addresses. */
async function withServer(
  answer: RequestListener,
  work: (at: (path: string) => string) => Promise<void>,
): Promise<void> {
  const server = await listen(answer);
  try {
    await work((path) => new URL(path, server.url).href);
  } finally {
    server.close();
  }
}

test('over HTTP: answers, errors, an abort', async () => {
  const file = safetensorsFile(everything);
  const answer: RequestListener = (request, response) => {
    const status = Number(request.url?.slice(1)) || 404;
    if (request.url === '/model.safetensors') response.end(file);
    else if (request.url === '/short') {
      response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 50), () => response.destroy());
    } else if (request.url === '/stall') response.write(file.subarray(0, 50));
    else if (request.url === '/login') response.writeHead(302, { location: '/page' }).end();
    else if (request.url === '/page') response.end('<!doctype html><title>Log in</title>');
    else response.writeHead(status).end('no');
  };
  await withServer(answer, async (at) => {
    await expectEverything(await loadWeights(at('/model.safetensors')));
    await expectEverything(await loadWeights(new URL(at('/model.safetensors'))));
    for (const status of [400, 401, 403, 404, 410, 429, 500, 503]) {
      const error = await failure<FetchError>(loadWeights(at(`/${status}`)), FetchError);
      expect(error.status).toBe(status);
      const meaning = status === 404 ? ': there is no such file' : '';
      expect(error.message).toBe(
        `The server answers with status ${status}${meaning}.\n - While loading weights from '${at(`/${status}`)}'`,
      );
    }
    const broken = await failure<FetchError>(loadWeights(at('/short')), FetchError);
    expect(broken.message).toContain('The connection breaks after 50 bytes');
    expect(broken.status).toBeUndefined();
    expect((await failure(loadWeights(at('/login')))).message).toContain('a web page');
    const abort = new AbortController();
    const stalled = loadWeights(at('/stall'), { signal: abort.signal, onProgress: () => abort.abort('enough') });
    await expect(stalled).rejects.toBe('enough');
  });
  for (const address of ['http://127.0.0.1:1/', 'not an address', 'http://nowhere.invalid/a']) {
    expect((await failure(loadWeights(address), FetchError)).message).toMatch(
      /^The file cannot be fetched \(.+\): its server cannot be reached, or lacks the header Access-Control-Allow-Origin\./,
    );
  }
  for (const [source, kind] of [
    [7, 'Number'],
    [undefined, 'Undefined'],
    [null, 'Null'],
    [{}, 'Object'],
    [[1, 2], 'Array'],
  ]) {
    expect((await failure(loadWeights(source as unknown as string))).message).toContain(`not from ${kind}.`);
  }
  const used = new Response(file);
  await used.arrayBuffer();
  expect((await failure(loadWeights(used))).message).toContain('The response is being read elsewhere.');
  const twice = new Response(file);
  const both = await Promise.allSettled([loadWeights(twice), loadWeights(twice)]);
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

test('a server that stalls is given up', async () => {
  const file = safetensorsFile(everything);
  let open = 0;
  const answer: RequestListener = (request, response) => {
    open++;
    response.on('close', () => open--);
    if (request.url === '/never') return;
    response.writeHead(200, { 'content-length': file.length });
    response.write(file.subarray(0, 60));
    if (request.url === '/drips') {
      let sent = 60;
      const timer = setInterval(() => {
        response.write(file.subarray(sent, sent + 40));
        sent += 40;
        if (sent < file.length) return;
        clearInterval(timer);
        response.end();
      }, 150);
    }
  };
  await withServer(answer, async (at) => {
    for (const [path, bytes] of [
      ['/never', 0],
      ['/stalls', 60],
    ] as const) {
      const error = await failure(loadWeights(at(path), { stallTimeout: 150 }), FetchError);
      expect(error.message).toContain(`The server sends nothing for 0.15 s, after ${bytes} bytes.\n - While loading`);
    }
    // The connections are closed, too.
    await expect.poll(() => open).toBe(0);
    // Slow is not stalled.
    await expectEverything(await loadWeights(at('/drips'), { stallTimeout: 2000 }));
    const abort = new AbortController();
    setTimeout(() => abort.abort('enough'), 200);
    const forever = loadWeights(at('/never'), { stallTimeout: Infinity, signal: abort.signal });
    await expect(forever).rejects.toBe('enough');
    // Of a file that flows the time counts that the server takes, not what is done with the tensors meanwhile.
    const flowing = await loadWeights(at('/drips'), { stallTimeout: 2000, holdBytes: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(await read(flowing, 'brain')).toEqual([3.140625]);
    const stalls = streamOf(file.subarray(0, 60), 60, 'stall');
    expect((await failure(loadWeights(stalls.response, { stallTimeout: 50 }), FetchError)).message).toContain('0.05 s');
    expect(stalls.state.cancelledWith).toBeInstanceOf(FetchError);
  });
});

test('a file that changes before it is read again', async () => {
  let file = safetensorsFile({ floats });
  await withServer(
    (_, response) => response.end(file),
    async (at) => {
      const weights = await loadWeights(at('/'), { holdBytes: 0 });
      expect(await read(weights, 'floats')).toHaveLength(6);
      expect(await read(weights, 'floats')).toHaveLength(6);
      file = safetensorsFile({ floats, more: floats });
      expect((await failure(weights.read('floats'))).message).toContain(
        'its header would have 153 bytes, more than 117.',
      );
    },
  );
});

test('of a file with a digest no tensor is read before all of it is', async () => {
  const file = safetensorsFile({ floats, more: floats });
  const weights = await loadWeights(new Blob([file]), { holdBytes: 0, sha256: '0'.repeat(64) });
  expect((await failure(weights.read('floats'))).message).toContain("The file's SHA-256 is ");
});

test('memory of every kind, also of another frame', async () => {
  const file = safetensorsFile(everything);
  const shared = new SharedArrayBuffer(file.length + 5);
  const sharedBytes = new Uint8Array(shared, 5);
  sharedBytes.set(file);
  await expectEverything(await loadWeights(sharedBytes));
  await expectEverything(await loadWeights(shared.slice(5)));
  // TypeScript does not know yet that a buffer may grow.
  const Growing = ArrayBuffer as unknown as new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;
  const growing = new Growing(file.length, { maxByteLength: 2 * file.length });
  new Uint8Array(growing).set(file);
  await expectEverything(await loadWeights(growing));
  await expectEverything(await loadWeights(new Uint8Array(growing)));
  const elsewhere: Record<string, WeightsSource> = runInNewContext(
    `const bytes = Uint8Array.from(file); ({ buffer: bytes.buffer, bytes, view: new DataView(bytes.buffer) })`,
    { file: [...file] },
  );
  for (const source of Object.values(elsewhere)) await expectEverything(await loadWeights(source));
  const given = file.slice();
  structuredClone(given.buffer, { transfer: [given.buffer] });
  for (const source of [given, given.buffer]) {
    expect((await failure(loadWeights(source))).message).toContain('The file is empty.');
  }
});

test('unknown options, and options of another kind', async () => {
  const file = safetensorsFile({ floats });
  const message = async (options: unknown) =>
    (await failure(loadWeights(file, options as LoadWeightsOptions), InputError)).message;
  expect(await message({ progress: () => {} })).toBe(
    "There is no option 'progress'; there are signal, stallTimeout, onProgress, bytes, sha256, holdBytes.\n" +
      ' - While loading weights from Uint8Array',
  );
  expect(await message(null)).toContain('The options are null instead of an object.');
  const wrong: Record<string, unknown[]> = {
    signal: [new AbortController(), 1],
    stallTimeout: ['1000', Number.NaN, null],
    onProgress: [{}, 'log'],
    bytes: ['100', null],
    sha256: [7, '', null],
    holdBytes: [true, Number.NaN],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) expect(await message({ [name]: value })).toContain(`The option '${name}' is `);
  }
  const undefineds = Object.fromEntries(Object.keys(wrong).map((name) => [name, undefined]));
  expect((await loadWeights(file, undefineds)).shapes.size).toBe(1);
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

test('weights from arrays as JavaScript has them', async () => {
  const floats = [0.1, -2, 0, Number.NaN];
  const asFloat32 = floats.map(Math.fround);
  const elsewhere: Record<string, ArrayLike<number>> = runInNewContext(
    '({ a: Float32Array.from(floats), b: Float64Array.from(floats), c: [...floats] })',
    { floats },
  );
  const arrays = { ...elsewhere, d: Float32Array.from(floats), e: Float64Array.from(floats), f: floats };
  for (const data of Object.values(arrays)) {
    const weights = weightsFrom({ t: { shape: [2, 2], data } });
    const values = await weights.read('t');
    expect(Object.prototype.toString.call(values)).toBe('[object Float32Array]');
    expect([...values]).toEqual(asFloat32);
  }
  const wrong = (tensor: unknown, message: string) =>
    expect(() => weightsFrom({ t: tensor } as never)).toThrow(new WeightsError(message));
  const expected = 'it should be a Float32Array or an array of numbers.';
  const shape = [2];
  for (const data of [new Uint16Array(2), new Int8Array(2), new BigInt64Array(2), new ArrayBuffer(8), {}, undefined]) {
    const kind = Object.prototype.toString.call(data).slice(8, -1);
    wrong({ shape, data }, `The data of tensor 't' is of type ${kind}; ${expected}`);
  }
  for (const data of [['1', 2], [[1], [2]], [1, undefined], Array(2), [1n, 2n]]) {
    wrong({ shape, data }, `The data of tensor 't' is more than numbers; ${expected}`);
  }
  const data = [1, 2];
  wrong({ data }, "Tensor 't' has the shape undefined instead of a list of sizes.");
  wrong({ data, shape: 2 }, "Tensor 't' has the shape 2 instead of a list of sizes.");
  wrong({ data, shape: [2.5] }, "Tensor 't' has the shape [2.5] instead of a list of sizes.");
  wrong({ data, shape: [-2, -1] }, "Tensor 't' has the shape [-2,-1] instead of a list of sizes.");
  for (const tensor of [undefined, null, 1, [1, 2], Float32Array.of(1, 2)]) {
    wrong(tensor, "Tensor 't' has the shape undefined instead of a list of sizes.");
  }
  expect(() => weightsFrom(null as never)).toThrow(new WeightsError('The tensors are null instead of an object.'));
});

test('what is no weights', async () => {
  const file = safetensorsFile({ floats });
  const promise = loadWeights(file);
  const wrong: [unknown, string][] = [
    [undefined, 'Undefined'],
    [null, 'Null'],
    [file, 'Uint8Array'],
    ['model.safetensors', 'String'],
    [promise, 'Promise'],
    [{ a: { shape: [1], data: [1] } }, 'Object'],
    [new Map(), 'Map'],
  ];
  for (const [weights, kind] of wrong) {
    const message = `The weights are ${kind} instead of what loadWeights resolves to or weightsFrom returns.`;
    expect(() => requireWeights(weights)).toThrow(new InputError(message));
    expect(() => checkWeights(weights as Weights, [])).toThrow(new InputError(message));
    expect(() => renameWeights(weights as Weights, String)).toThrow(new InputError(message));
  }
  requireWeights(await promise);
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
