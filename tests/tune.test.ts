import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { ALL_OPS } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { VERSION } from '../engine/common/version.ts';
import { divide } from '../engine/graph/divide.ts';
import { fuse } from '../engine/graph/fuse.ts';
import { join } from '../engine/graph/join.ts';
import {
  architecture,
  DEFAULT_CAPABILITIES,
  exportTuning,
  formatPlan,
  type GraphBuilder,
  importTuning,
  type PlanOptions,
  planFor,
} from '../engine/index.ts';
import { kernelTargetOf } from '../engine/kernels/candidates.ts';
import { layersOf, planLayer, withTuned } from '../engine/kernels/layers.ts';
import { planGraph } from '../engine/kernels/lower.ts';
import { keepChoices, keptChoices, tuningKeyOf } from '../engine/run/kept.ts';

interface Layer {
  readonly name?: string;
  readonly size?: number;
  readonly channels?: number;
  readonly filter?: number;
  readonly padding?: number;
  readonly finish?: (g: GraphBuilder, value: ReturnType<GraphBuilder['input']>) => ReturnType<GraphBuilder['input']>;
}

const convolution = ({ name = 'conv', size = 20, channels = 16, filter = 3, padding = 1, finish }: Layer) =>
  architecture('one', (g) => {
    const image = g.input(`${name} image`, [1, 16, size, size]);
    const result = g.conv2d(image, g.tensor(`${name}.weight`, [channels, 16, filter, filter]), { padding });
    g.output(`${name} map`, finish ? finish(g, result) : result);
  });

const layerOf = (layer: Layer, options: PlanOptions = {}, capabilities = DEFAULT_CAPABILITIES) => {
  const [found] = layersOf(
    divide(join(fuse(buildGraph(convolution(layer))))),
    kernelTargetOf(ALL_OPS, capabilities, options),
  );
  return found!;
};

test("a layer's signature has all that its kernel's text and sizes depend on, and no names", () => {
  const halves = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'] };
  const { signature } = layerOf({});
  expect(signature).toMatch(/^[0-9a-f]{16}$/);
  expect(layerOf({ name: 'other' }).signature).toBe(signature);
  expect(layerOf({}, {}, halves).signature).toBe(signature);
  const others = {
    size: layerOf({ size: 21 }),
    channels: layerOf({ channels: 17 }),
    filter: layerOf({ filter: 5, padding: 2 }),
    padding: layerOf({ padding: 0 }),
    activation: layerOf({ finish: (g, value) => g.relu(value) }),
    bounds: layerOf({ finish: (g, value) => g.clamp(value, { minValue: 0, maxValue: 6 }) }),
    residual: layerOf({ finish: (g, value) => g.add(value, g.input('residual', [1, 16, 20, 20])) }),
    'element type': layerOf({}, { precision: 'float16' }, halves),
    tiles: layerOf({}, {}, { ...DEFAULT_CAPABILITIES, vendor: 'arm' }),
  };
  const signatures = Object.values(others).map((layer) => layer.signature);
  expect(new Set([signature, ...signatures]).size).toBe(signatures.length + 1);
});

test('what is found is kept for a browser and all that planning knows of a device', () => {
  const key = tuningKeyOf(DEFAULT_CAPABILITIES);
  expect(key.startsWith(`linnet ${VERSION}, `)).toBe(true);
  const others = [
    { maxBufferSize: 2 ** 27 },
    { vendor: 'arm' },
    { architecture: 'valhall' },
    { features: ['shader-f16'] },
  ];
  const keys = others.map((other) => tuningKeyOf({ ...DEFAULT_CAPABILITIES, ...other }));
  expect(new Set([key, ...keys]).size).toBe(keys.length + 1);
});

test('what the caller chooses comes before what tuning found, and that before the estimates', () => {
  const { signature, untuned } = layerOf({});
  expect(untuned).toBe('general-4x1x1');
  const graph = divide(join(fuse(buildGraph(convolution({})))));
  const chosen = (found: Readonly<Record<string, string>>, options: PlanOptions = {}) => {
    const target = kernelTargetOf(ALL_OPS, DEFAULT_CAPABILITIES, options);
    const layers = layersOf(graph, kernelTargetOf(ALL_OPS, DEFAULT_CAPABILITIES, {}));
    const plan = planGraph(graph, withTuned(target, layers, new Map(Object.entries(found))));
    const { name, by } = plan.kernels.find((kernel) => kernel.choice)!.choice!;
    expect(formatPlan(plan)).toMatch(new RegExp(`^conv .* ${name} +${by}$`, 'm'));
    return [name, by];
  };
  const found = { [signature]: 'general-8x1x2t' };
  expect(chosen({})).toEqual(['general-4x1x1', 'estimate']);
  expect(chosen(found)).toEqual(['general-8x1x2t', 'tuning']);
  expect(chosen(found, { choices: { conv: 'general-2x1x2' } })).toEqual(['general-2x1x2', 'choices']);
  // One that there is no more, or that cannot compute this, is not worth an error: it was found at another time.
  expect(chosen({ [signature]: 'general-9x9x9' })).toEqual(['general-4x1x1', 'estimate']);
  expect(chosen({ [signature]: 'depthwise-2x2x1' })).toEqual(['general-4x1x1', 'estimate']);
  expect(chosen({ ffffffffffffffff: 'general-8x1x2t' })).toEqual(['general-4x1x1', 'estimate']);
});

test('a layer is planned alone, with all that it reads', () => {
  const graph = divide(
    join(fuse(buildGraph(convolution({ finish: (g, value) => g.add(value, g.input('residual', [1, 16, 20, 20])) })))),
  );
  const target = kernelTargetOf(ALL_OPS, DEFAULT_CAPABILITIES, {});
  const [layer] = layersOf(graph, target);
  const whole = planFor(
    convolution({ finish: (g, value) => g.add(value, g.input('residual', [1, 16, 20, 20])) }),
    undefined,
    {
      choices: { conv: 'general-8x1x2t' },
    },
  );
  const plan = planLayer(graph, target, layer!.node, 'general-8x1x2t');
  const inWhole = whole.kernels.find(({ name }) => name === 'conv')!;
  expect(plan.kernels).toHaveLength(1);
  expect(plan.kernels[0]).toMatchObject({
    shader: inWhole.shader,
    workgroups: inWhole.workgroups,
    params: inWhole.params,
  });
  expect(plan.kernels[0]!.bindings.map(({ name }) => name)).toEqual(inWhole.bindings.map(({ name }) => name));
  // The input, the residual and the result.
  expect(plan.arenas.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(3 * 16 * 20 * 20 * 4);
  expect(plan.weights.map(({ home }) => home)).toEqual(whole.weights.map(({ home }) => home));
});

/** Storage as a browser has it, with what is stored in it. */
function withCaches(stored: string | undefined, refuse = false) {
  const state = { text: stored };
  const cache = {
    match: async () => (state.text === undefined ? undefined : new Response(state.text)),
    async put(_: string, response: Response) {
      state.text = await response.text();
    },
  };
  Object.defineProperty(globalThis, 'caches', {
    value: { open: async () => (refuse ? Promise.reject(new Error('The operation is insecure.')) : cache) },
    configurable: true,
  });
  return state;
}

test.describe('what is found', () => {
  test.afterEach(() => {
    Reflect.deleteProperty(globalThis, 'caches');
  });

  test('is kept in memory where there is no storage, or where it is refused', async () => {
    await keepChoices('none', { a: '1' });
    withCaches(undefined, true);
    await keepChoices('none', { b: '2' });
    expect(await keptChoices('none')).toEqual({ a: '1', b: '2' });
    expect(await keptChoices('another')).toEqual({});
  });

  test('is kept for the next visit, beside what another page kept meanwhile', async () => {
    const state = withCaches(undefined);
    await keepChoices('page', { a: '1' });
    const { choices } = JSON.parse(state.text!);
    expect(choices.page).toEqual({ a: '1' });
    state.text = JSON.stringify({ schema: 1, choices: { page: { a: '0', c: '3' }, 'other page': { d: '4' } } });
    await keepChoices('page', { b: '2' });
    expect(JSON.parse(state.text!).choices).toMatchObject({ page: { b: '2', c: '3' }, 'other page': { d: '4' } });
    expect(await keptChoices('other page')).toEqual({ d: '4' });
  });

  for (const text of ['', '{', 'null', '[]', '{"schema":2,"choices":{}}', '{"schema":1,"choices":{"x":{"a":7}}}']) {
    test(`is not disturbed by '${text}' in the storage`, async () => {
      const state = withCaches(text);
      expect(await keptChoices('x')).toEqual({});
      await keepChoices('y', { a: '1' });
      expect(JSON.parse(state.text!).choices.y).toEqual({ a: '1' });
    });
  }

  test('goes out and comes in as JSON', async () => {
    await importTuning({ schema: 1, choices: { imported: { a: '1' } } });
    await importTuning(JSON.parse(JSON.stringify(await exportTuning())));
    expect((await exportTuning()).choices.imported).toEqual({ a: '1' });
    expect(await keptChoices('imported')).toEqual({ a: '1' });
    for (const wrong of [
      undefined,
      null,
      'text',
      [],
      {},
      { schema: 1 },
      { schema: 1, choices: { x: { a: 1 } } },
      { schema: 2, choices: {} },
    ]) {
      await expect(importTuning(wrong)).rejects.toThrow(/^The tuning is not what exportTuning gives/);
    }
  });

  test('of the last 32 adapters and versions is enough', async () => {
    for (let index = 0; index < 40; index++) await keepChoices(`adapter ${index}`, { a: `${index}` });
    const { choices } = await exportTuning();
    expect(Object.keys(choices)).toEqual(Array.from({ length: 32 }, (_, index) => `adapter ${index + 8}`));
  });
});

test("the engine's version is the package's", () => {
  expect(VERSION).toBe(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version);
});
