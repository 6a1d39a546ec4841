// What `compile`, `run`, `dispatch` and `loadModel` promise beyond their results.
import { expect, test } from './test.ts';

const ramp = Array.from({ length: 20 }, (_, index) => index);

test('a run that the GPU refuses is an InputError, never the results before, and the next one works', async ({
  run,
}) => {
  const refused = "InputError: The GPU refuses the run; is a buffer or texture destroyed, or another device's?";
  expect(await run('refusedRuns')).toEqual({
    'a destroyed buffer': refused,
    "another device's buffer": refused,
    'a destroyed texture': refused,
    "another device's texture": refused,
    'a list with a destroyed texture': refused,
    together: 'rejected, true',
  });
});

test('an unknown option or value is an error that names the known ones', async ({ run }) => {
  const compile = 'weights, device, preprocess, signal, onProgress, poison, debug, tune, precision, reuse, choices';
  const load = 'task, card, base, device, precision, signal, debug, onProgress, tune, stallTimeout';
  const flag = 'it should be true or false.';
  expect(await run('wrongOptions')).toEqual({
    compile: `InputError: There is no option 'preprocces'; there are ${compile}.`,
    precision: `InputError: The option 'precision' is "f16"; it should be "float32" or "float16" or "auto".`,
    tune: `InputError: The option 'tune' is "foreground"; it should be true or false or "background".`,
    reuse: `InputError: The option 'reuse' is "no"; ${flag}`,
    poison: `InputError: The option 'poison' is 1; ${flag}`,
    debug: `InputError: The option 'debug' is "yes"; ${flag}`,
    preprocess: `InputError: The option 'preprocess' is {"fit":"fill","mean":[0],"std":[1]}; it should be what 'pictures' gives.`,
    nothing: 'InputError: The options are undefined instead of an object.',
    planFor: "InputError: There is no option 'precison'; there are precision, reuse, choices.",
    loadModel: `InputError: There is no option 'topK'; there are ${load}.`,
    task: `InputError: The option 'task' is "detection"; it should be "classification" or "segmentation".`,
    device: `InputError: The option 'device' is "shard"; it should be "shared" or "own".`,
    base: 'InputError: A base is given for a card with an address.',
    createOverlay: expect.stringMatching(/^InputError: There is no option 'colors'; there are colours/),
    segment: expect.stringMatching(/^InputError: There is no option 'ouput'; there are output, size\.$/),
  });
});

test("precision 'auto' is float16 where the device has it", async ({ run }) => {
  const { halves, ...results } = await run('precisions');
  const line = { data: ramp.map((value) => 3 * value), shape: [1, 1, 4, 5] };
  expect(results).toEqual({
    float32: { type: 'float32', ...line },
    auto: { type: halves ? 'float16' : 'float32', ...line },
    without: 'float32',
  });
});

test('with debug a run names the first kernel whose result is not finite', async ({ run }) => {
  expect(await run('debugRuns')).toEqual({
    finite: '23.33,23.33',
    'a NaN in the input': "NumericsError: The result of repack 'image' is not finite: NaN at [1, 2, 0, 1].",
    'an infinity in the input': "NumericsError: The result of repack 'image' is not finite: -Infinity at [1, 4, 2, 1].",
    'an overflow': "NumericsError: The result of conv2d-pointwise 'large' is not finite: Infinity at [0, 0, 0, 0].",
    'an overflow after it':
      "NumericsError: The result of conv2d-depthwise 'larger' is not finite: Infinity at [0, 0, 0, 0].",
    picture: '3,3',
  });
});

test('models share one device unless told otherwise, and it goes with the last of them', async ({ run }) => {
  expect(await run('shareDevices')).toEqual({
    shared: true,
    own: true,
    given: true,
    ownLost: 'destroyed',
    afterOne: 'alive',
    works: 5,
    moved: true,
    worksAgain: 5,
    beforeLast: 'alive',
    afterLast: 'destroyed',
  });
});

test('the tensors of an architecture can be asked for', async ({ run }) => {
  const { elements, ...tensors } = await run('listTensors');
  // torchvision's state dict without its counters: 3,504,872 parameters and the running means and variances.
  expect(tensors).toEqual({
    count: 262,
    first: { name: 'features.0.0.weight', shape: [32, 3, 3, 3] },
    last: { name: 'classifier.1.bias', shape: [1000] },
  });
  expect(elements).toBe(3_504_872 + 34_112);
});

test('results have their shapes, and types know their names', async ({ run }) => {
  const { data, shapes, bytes } = await run('typedOutputs');
  expect(data).toEqual(ramp.map((value) => 3 * value));
  expect(shapes).toEqual([
    [1, 1, 4, 5],
    [1, 1, 4, 5],
  ]);
  expect(bytes).toEqual([80, 80]);
});
