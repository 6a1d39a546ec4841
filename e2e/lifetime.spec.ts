// What is made is freed, what goes wrong is told, and what was told leaves nothing behind.
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

for (const [where, vendor] of [
  ['', undefined],
  [' on Adreno 6xx', vendors['Adreno 6xx']],
] as const) {
  test(`destroy frees everything${where}, twice does no harm, and the device is still the app's`, async ({ run }) => {
    expect(await run('leavings', vendor)).toEqual({
      made: true,
      alive: [],
      afterDestroy: "InputError: The network 'toy' has been destroyed.",
      appStillWorks: true,
    });
  });
}

test('a run that destroy overtakes says so', async ({ run }) => {
  expect(await run('destroyDuringRun')).toBe("InputError: The network 'toy' has been destroyed.");
});

test('two networks on one device, and many runs at once', async ({ run }) => {
  expect(await run('checkMixedRuns')).toEqual([]);
});

for (const [where, vendor] of [
  ['', undefined],
  [', as on Adreno 6xx', vendors['Adreno 6xx']],
] as const) {
  test(`weights that flow give the bits of held ones, and again after a restore${where}`, async ({ run }) => {
    const { held, flowing } = await run('checkFlowingWeights', vendor);
    expect(held[0]).toEqual(held[1]);
    expect(flowing).toEqual(held);
  });
}

test('a compilation that fails says why and leaves nothing', async ({ run, complaints }) => {
  const results = await run('failedCompilations');
  expectShaderComplaints(complaints);
  expect(Object.fromEntries(Object.entries(results).map(([name, { alive }]) => [name, alive]))).toEqual(
    Object.fromEntries(Object.keys(results).map((name) => [name, []])),
  );
  const firstLines = Object.entries(results).map(([name, { outcome }]) => [name, outcome.split('\n')[0]]);
  expect(Object.fromEntries(firstLines)).toEqual({
    'aborted before': 'changed my mind',
    'aborted while weights are read': 'too slow',
    'aborted while pipelines compile': 'left the page',
    'aborted by the progress': 'at the end',
    'weights that cannot be read': 'Error: disk',
    'a file that ends too soon': expect.stringMatching(/^WeightsError: The file ends after \d+ bytes, inside tensor '/),
    'weights of another network': expect.stringMatching(
      /^WeightsError: The weights do not fit the network .*'stem.weight' is \[9, 3, 3, 3\] instead of \[10, 3, 3, 3\]/,
    ),
    'a mistake in the graph': 'ArchitectureError: The network has no input.',
    'pictures for another input':
      "InputError: The option 'std' is [0]; it should be a list of 1 or 3 positive numbers.",
    'float16 without the feature': "UnsupportedError: The device has no 'shader-f16', which precision 'float16' needs.",
    'limits too small': "UnsupportedError: 'image' of 'toy' takes 1008 bytes; the device binds at most 1000 at once.",
    'a device that refuses the buffers': expect.stringMatching(/^UnsupportedError: The device refuses the plan: .+/),
    'a shader that does not compile': expect.stringMatching(
      /^UnsupportedError: The shader of '[^']+' does not compile: \d+:\d+ .+/,
    ),
  });
});

test('a wrong input is an InputError, and the network still works', async ({ run }) => {
  const { messages, leaked } = await run('wrongInputs');
  const reading = "\n - While reading input 'image'";
  const kinds = 'it should be a Float32Array or GPUBuffer: the network was compiled without `preprocess`.';
  expect(messages).toEqual({
    nothing: "InputError: The input 'image' is missing.",
    undefined: "InputError: The input 'image' is missing.",
    null: "InputError: The input 'image' is missing.",
    'another name': "InputError: There is no input 'picture'; the inputs are image.",
    'one too many': "InputError: There is no input 'mask'; the inputs are image.",
    'a short tensor': `InputError: The tensor has 188 elements; [1, 3, 9, 7] has 189.${reading}`,
    'a long tensor': `InputError: The tensor has 190 elements; [1, 3, 9, 7] has 189.${reading}`,
    'numbers of another type': `InputError: The input is a Float64Array; ${kinds}${reading}`,
    'a list of numbers': `InputError: The input is an Array; ${kinds}${reading}`,
    text: `InputError: The input is "picture.png"; ${kinds}${reading}`,
    'a short buffer': `InputError: The tensor has 25 elements; [1, 3, 9, 7] has 189.${reading}`,
    'a buffer that cannot be bound': `InputError: The buffer lacks the usage STORAGE.${reading}`,
  });
  expect(leaked).toEqual([]);
});

test('a lost device is told, and the network comes back on another with the same bits', async ({ run, complaints }) => {
  const lost = expect.stringMatching(/^DeviceLostError: The GPU device was lost: .+/);
  const results = await run('loseDevice');
  expectShaderComplaints(complaints);
  expect(results).toEqual({
    whileCompiling: lost,
    running: lost,
    after: lost,
    dispatch: lost,
    compile: lost,
    restored: true,
    again: true,
    alive: [],
    secondLives: true,
  });
});

test("a network without the app's device has its own, which goes with it", async ({ run }) => {
  expect(await run('ownDevice')).toEqual({
    label: 'linnet',
    lost: expect.stringMatching(/^DeviceLostError: /),
    restored: true,
    reason: 'destroyed',
  });
});

test('where there is no WebGPU, no adapter or no device, that is said', async ({ run }) => {
  const none = 'UnsupportedError: This browser has no WebGPU: navigator.gpu is undefined.';
  expect(await run('withoutWebGpu')).toEqual({
    'no navigator.gpu': none,
    'no navigator.gpu, compile': none,
    'no adapter':
      'UnsupportedError: This browser has WebGPU, but offers no adapter: the GPU or its driver is not supported.',
    'no device': 'UnsupportedError: The GPU adapter gave no device: out of luck',
  });
});

test('progress counts the bytes of each stage up to the total', async ({ run }) => {
  const steps = await run('progressOf');
  for (const stage of ['upload', 'compile']) {
    const own = steps.filter((step) => step.stage === stage);
    expect(own.length, stage).toBeGreaterThan(2);
    const loaded = own.map((step) => step.loaded);
    expect(loaded).toEqual([...new Set(loaded)].sort((a, b) => a - b));
    expect(new Set(own.map(({ total }) => total))).toEqual(new Set([loaded.at(-1)]));
  }
  expect(new Set(steps.map(({ stage }) => stage))).toEqual(new Set(['upload', 'compile']));
});

test('networks on one device share pipelines, which go with the last of them', async ({ run }) => {
  const { pipelines, compiled, progress, same } = await run('sharedPipelines');
  const [first, second, wider, restored, again] = compiled;
  expect(first).toBeGreaterThanOrEqual(pipelines);
  expect({ second, restored, again }).toEqual({ second: 0, restored: 0, again: first });
  // Sizes are in uniform blocks; what a network of another width has besides, it compiles.
  expect(wider).toBeLessThan(first as number);
  expect(progress[0]?.at(-1)).toEqual(progress[1]?.at(-1));
  expect(progress[1]?.at(-1)).toEqual({
    stage: 'compile',
    loaded: expect.any(Number),
    total: progress[1]?.at(-1)?.loaded,
  });
  expect(new Set(progress[1]?.map(({ total }) => total)).size).toBe(1);
  expect(same).toBe(true);
});

test('when a network is compiled, each of its pipelines has been dispatched once: drivers compile at first use', async ({
  run,
}) => {
  const { first, second, importsVideos } = await run('firstDispatches');
  // What reads a video's frame waits for one.
  expect(first.cold).toEqual(importsVideos ? ['image from a picture'] : []);
  expect(first.made).toBeGreaterThan(4);
  expect(first.dispatches).toBe(first.made - first.cold.length);
  expect(second).toEqual({ made: 0, cold: [], dispatches: 0 });
});

test('pipelines compile while weights are fetched', async ({ run }) => {
  expect(await run('compileWhileFetching')).toBe(true);
});

test('one buffer can be two inputs', async ({ run }) => {
  expect(await run('oneBufferForTwo')).toBe(true);
});

test('a loss is told in one way by all that asks the device', async ({ run, complaints }) => {
  const { early, late } = await run('tellLoss');
  expectShaderComplaints(complaints);
  const lost = expect.stringMatching(/^DeviceLostError: The GPU device was lost: .+/);
  const all = { run: lost, dispatch: lost, encode: lost, segment: lost, draw: lost, compile: lost };
  expect(late).toEqual(all);
  // Nothing is submitted by `encode`.
  expect(early).toEqual({ ...all, encode: 'no error' });
  expect(new Set(Object.values({ ...early, encode: late.encode, ...late })).size).toBe(1);
});

test('weights that a function gives are fetched once, after planning, and checked', async ({ run }) => {
  const { results, ...own } = await run('fetchedWeights');
  const ended = (outcome: unknown, fetched: number) => ({ outcome, fetched, alive: [] });
  expect(results).toEqual({
    right: ended('no error', 1),
    'a plan that cannot be': ended(
      "UnsupportedError: 'image' of 'toy' takes 1008 bytes; the device binds at most 1000 at once.",
      0,
    ),
    'an unknown precision': ended(expect.stringMatching(/^InputError: The option 'precision' is "f16"/), 0),
    none: ended('Error: offline', 1),
    'none, told at once': ended('Error: offline', 1),
    'of another network': ended(expect.stringMatching(/^WeightsError: The weights do not fit the network /), 1),
    'no weights': ended(
      'InputError: The weights are Float32Array instead of what loadWeights resolves to or weightsFrom returns.',
      1,
    ),
    'there already': ended('no error', 1),
    'aborted before': ended('changed my mind', 0),
    'aborted meanwhile': ended('too slow', 1),
  });
  expect(own).toEqual({
    reason: 'destroyed',
    devices: 1,
    wrong: expect.stringMatching(/^WeightsError: The weights do not fit the network /),
  });
});

/** Firefox writes to the console what a shader module lacks, although an error scope or a promise tells it. */
function expectShaderComplaints(complaints: string[]): void {
  const known =
    /^error: (Encountered one or more errors while creating shader module|\s*Shader '.*' parsing error|Parent device is lost$)/;
  expect(complaints.splice(0).filter((complaint) => !known.test(complaint))).toEqual([]);
}
