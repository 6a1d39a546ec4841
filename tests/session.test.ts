import { expect, test } from 'playwright/test';
import { InputError, UnsupportedError } from '../engine/common/errors.ts';
import { sessionOf } from '../engine/run/session.ts';

/** As much of a device as a session touches: its promises are kept or broken by the test. */
function fakeDevice() {
  const compiled: string[] = [];
  const dispatched: string[] = [];
  const fake = {
    compiled,
    dispatched,
    /** Ends when the GPU has done its work. */
    work: Promise.resolve(),
    /** Shaders with one of these words do not compile. */
    wrong: [] as string[],
    /** What the next error scope of this kind catches. */
    errors: {} as Record<string, { message: string }>,
    lose: (_: Partial<GPUDeviceLostInfo>) => {},
  };
  const scopes: string[] = [];
  const beginComputePass = () => {
    let current = 'none';
    return {
      setPipeline: ({ text }: { text: string }) => {
        current = text;
      },
      setBindGroup: (_: number, group: string) => {
        current += ` with ${group}`;
      },
      dispatchWorkgroups: (...groups: number[]) => dispatched.push(`${current}: ${groups}`),
      end: () => {},
    };
  };
  const device = {
    lost: new Promise((resolve) => {
      fake.lose = resolve;
    }),
    createShaderModule: ({ code }: GPUShaderModuleDescriptor) => ({
      code,
      getCompilationInfo: async () => ({ messages: [{ lineNum: 2, linePos: 3, message: 'no such word' }] }),
    }),
    async createComputePipelineAsync({ compute }: { compute: { module: { code: string } } }) {
      compiled.push(compute.module.code);
      if (fake.wrong.some((word) => compute.module.code.includes(word))) throw new Error('no pipeline');
      return { text: compute.module.code };
    },
    createCommandEncoder: () => ({ beginComputePass, finish: () => ({}) }),
    pushErrorScope: (kind: string) => scopes.push(kind),
    popErrorScope: async () => fake.errors[scopes.pop() as string] ?? null,
    queue: { submit: () => {}, onSubmittedWorkDone: () => fake.work },
  };
  return Object.assign(fake, { device: device as unknown as GPUDevice });
}

const message = (work: Promise<unknown>) =>
  work.then(
    () => 'no error',
    (error: Error) => `${error.name}: ${error.message.split('\n')[0]}`,
  );
const lost = 'DeviceLostError: The GPU device was lost: unplugged';

test('a device has one session, and each device another', () => {
  const [a, b] = [fakeDevice(), fakeDevice()];
  expect(sessionOf(a.device)).toBe(sessionOf(a.device));
  expect(sessionOf(b.device)).not.toBe(sessionOf(a.device));
  expect(sessionOf(b.device).device).toBe(b.device);
});

test('a pipeline is shared by its text, until the last who has it is destroyed', async () => {
  const { device, compiled } = fakeDevice();
  const [a, b] = [sessionOf(device).own(), sessionOf(device).own()];
  const [first, again, other] = await Promise.all([
    a.pipeline('first', 'one'),
    a.pipeline('again', 'one'),
    a.pipeline('other', 'two'),
  ]);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
  expect(await b.pipeline('of b', 'one')).toBe(first);
  expect(compiled).toEqual(['one', 'two']);
  a.destroy();
  a.destroy();
  expect(await b.pipeline('of b', 'one')).toBe(first);
  expect(compiled).toEqual(['one', 'two']);
  b.destroy();
  const c = sessionOf(device).own();
  expect(await c.pipeline('of c', 'one')).not.toBe(first);
  expect(compiled).toEqual(['one', 'two', 'one']);
});

test('who is gone before a pipeline is compiled leaves nothing, also beside who stays', async () => {
  const { device, compiled } = fakeDevice();
  const [a, b] = [sessionOf(device).own(), sessionOf(device).own()];
  const early = a.pipeline('early', 'one');
  a.destroy();
  const next = b.pipeline('next', 'one');
  await early;
  expect(await b.pipeline('next', 'one')).toBe(await next);
  expect(compiled).toEqual(['one', 'one']);
});

test('a pipeline that fails is forgotten, and tried again', async () => {
  const fake = fakeDevice();
  const [a, b, c] = [sessionOf(fake.device).own(), sessionOf(fake.device).own(), sessionOf(fake.device).own()];
  fake.wrong = ['one'];
  const failed = "UnsupportedError: The shader of 'first' does not compile: 2:3 no such word";
  const both = [a.pipeline('first', 'one'), b.pipeline('second', 'one')].map(message);
  expect(await Promise.all(both)).toEqual([failed, failed]);
  fake.wrong = [];
  expect(await c.pipeline('third', 'one')).toEqual({ text: 'one' });
  // Their shares in the failed one are none in the other.
  a.destroy();
  b.destroy();
  await c.pipeline('third', 'one');
  expect(fake.compiled).toEqual(['one', 'one']);
});

const bindTo = (name: string) => () => name as unknown as GPUBindGroup;

test('a pipeline has been dispatched once, to the end, before anybody has it', async () => {
  const fake = fakeDevice();
  const [a, b] = [sessionOf(fake.device).own(), sessionOf(fake.device).own()];
  let finish = () => {};
  fake.work = new Promise((resolve) => {
    finish = resolve;
  });
  let ready = false;
  const pipeline = a.pipeline('first', 'one', bindTo('a')).finally(() => {
    ready = true;
  });
  await expect.poll(() => fake.dispatched).toEqual(['one with a: 1,1,1']);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(ready).toBe(false);
  finish();
  await pipeline;
  await b.pipeline('of b', 'one', bindTo('b'));
  await b.pipeline('of b', 'two', bindTo('b'));
  await b.pipeline('without', 'three');
  expect(fake.dispatched).toEqual(['one with a: 1,1,1', 'two with b: 1,1,1']);
});

test('a first dispatch that is refused, or cannot be, leaves the pipeline; who is gone dispatches nothing', async () => {
  const fake = fakeDevice();
  const [a, b] = [sessionOf(fake.device).own(), sessionOf(fake.device).own()];
  fake.errors = { validation: { message: 'destroyed' } };
  expect(await a.pipeline('refused', 'one', bindTo('a'))).toEqual({ text: 'one' });
  fake.errors = {};
  const broken = () => {
    throw new InputError('mine');
  };
  expect(await a.pipeline('broken', 'two', broken)).toEqual({ text: 'two' });
  fake.work = Promise.reject(new Error('lost'));
  expect(await a.pipeline('lost', 'three', bindTo('a'))).toEqual({ text: 'three' });
  const gone = b.pipeline('gone', 'four', bindTo('b'));
  b.destroy();
  expect(await gone).toEqual({ text: 'four' });
  expect(fake.dispatched).toEqual(['one with a: 1,1,1', 'three with a: 1,1,1']);
});

test('what a device says is its loss, once that is told; and else what it says', async () => {
  const fake = fakeDevice();
  const session = sessionOf(fake.device);
  const ask = () => {
    fake.wrong = ['one'];
    fake.errors = { validation: { message: 'invalid' } };
    const submitted = session.submit(() => []);
    fake.errors = { 'out-of-memory': { message: 'no room' } };
    const refusal = (text: string) => new InputError(`refused: ${text}`);
    const { made, sound } = session.scoped(() => 7, refusal);
    expect(made).toBe(7);
    return {
      pipeline: message(session.own().pipeline('first', 'one')),
      submit: message(submitted),
      scoped: message(sound),
      wait: message(session.waitFor(Promise.reject(new Error('not mapped')))),
      explain: message(session.explain(new UnsupportedError('odd'))),
    };
  };
  const answers = async (asked: ReturnType<typeof ask>) =>
    Object.fromEntries(await Promise.all(Object.entries(asked).map(async ([name, answer]) => [name, await answer])));

  expect(await answers(ask())).toEqual({
    pipeline: "UnsupportedError: The shader of 'first' does not compile: 2:3 no such word",
    submit: "InputError: The GPU refuses the run; is a buffer or texture destroyed, or another device's? invalid",
    scoped: 'UnsupportedError: The GPU has not enough memory: no room',
    wait: 'Error: not mapped',
    explain: 'UnsupportedError: odd',
  });
  session.requireAlive();
  const asked = ask();
  setTimeout(() => fake.lose({ message: 'unplugged' }), 20);
  const all = { pipeline: lost, submit: lost, scoped: lost, wait: lost, explain: lost };
  expect(await answers(asked)).toEqual(all);
  expect(() => session.requireAlive()).toThrow('The GPU device was lost: unplugged');
  // What nobody refuses is not done either.
  fake.errors = {};
  expect(await message(session.submit(() => []))).toBe(lost);
});

test('what is thrown within an error scope closes it', async () => {
  const { device } = fakeDevice();
  let open = 0;
  Object.assign(device, { pushErrorScope: () => open++, popErrorScope: async () => void open-- });
  const broken = () => {
    throw new InputError('mine');
  };
  expect(() => sessionOf(device).submit(broken)).toThrow('mine');
  expect(open).toBe(0);
});
