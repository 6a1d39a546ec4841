import { DeviceLostError, InputError, UnsupportedError } from '../common/errors.ts';
import { record } from './dispatch.ts';
import { createWaiting } from './waiting.ts';

/** What is known of a device and shared on it, by all networks and readers of pictures. What the device says, it explains. */
export interface Session {
  readonly device: GPUDevice;
  /** Throws a `DeviceLostError` if the device is known to be lost. */
  requireAlive(): void;
  /** Throws what the device says, or its loss where that is the cause. */
  explain(error: unknown): Promise<never>;
  /**
   * Does `work`, and gives the promise that the device took it: an `UnsupportedError` tells that memory ran out, and else
   * `refusal` makes the error. Scopes are closed before anything is awaited: they are a stack of the device, which others use.
   */
  scoped<Result>(work: () => Result, refusal: (message: string) => Error): { made: Result; sound: Promise<void> };
  /** Submits what `record` gives. The promise waits for no result: it rejects with an `InputError` if the GPU refuses the work. */
  submit(record: () => GPUCommandBuffer[]): Promise<void>;
  /** Waits for work of the GPU, as `createWaiting` says. */
  waitFor<Result>(work: Promise<Result>): Promise<Result>;
  /** To be called when nothing is to be done, so that waiting costs less. */
  timePromptness(): Promise<void>;
  /** For a network, or another user of the device. */
  own(): Owned;
}

/** Makes what one user of a device has there, and frees it at once. */
export interface Owned {
  readonly session: Session;
  /** Sizes are multiples of 4, as copies demand. */
  buffer(label: string, bytes: number, usage: number): GPUBuffer;
  /**
   * A pipeline for this text, which all who want it share. One that cannot be is forgotten, and so is one that nobody has any
   * more. As many drivers compile at first use only, it is dispatched once with what `bind` gives: one workgroup of whatever
   * lies there.
   */
  pipeline(
    label: string,
    shader: string,
    bind?: (pipeline: GPUComputePipeline) => GPUBindGroup,
  ): Promise<GPUComputePipeline>;
  /** Frees this with the rest. */
  adopt<Item extends { destroy(): void }>(object: Item): Item;
  /** Frees all of it but these, which are another owner's from now on. */
  destroy(spared?: readonly { destroy(): void }[]): void;
}

const sessions = new WeakMap<GPUDevice, Session>();

/** The one session of a device. */
export function sessionOf(device: GPUDevice): Session {
  const session = sessions.get(device) ?? createSession(device);
  sessions.set(device, session);
  return session;
}

function createSession(device: GPUDevice): Session {
  let loss: GPUDeviceLostInfo | undefined;
  void device.lost.then((info) => {
    loss = info;
  });
  const { waitFor, waitNudging, timePromptness } = createWaiting(device);
  /** By their text, with the number of those who have them. */
  const pipelines = new Map<string, { readonly pipeline: Promise<GPUComputePipeline>; users: number }>();

  /** Those that have been dispatched. */
  const warm = new WeakSet<GPUComputePipeline>();
  /** All of them so far. */
  let warmUps: Promise<unknown> = Promise.resolve();

  function requireAlive(): void {
    if (loss) throw new DeviceLostError(`The GPU device was lost: ${loss.message || loss.reason}`);
  }

  async function explain(error: unknown): Promise<never> {
    // A lost device refuses everything, and mapping a buffer fails, a moment before the loss is told.
    await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
    requireAlive();
    throw error;
  }

  /** Never rejects: what the device refuses here, it refuses there as well where it is told. */
  async function warmUp(label: string, pipeline: GPUComputePipeline, bindGroup: () => GPUBindGroup): Promise<void> {
    const submit = async () =>
      session.submit(() => {
        const encoder = device.createCommandEncoder({ label });
        record(encoder, label, [[{ pipeline, bindGroup: bindGroup(), workgroups: [1, 1, 1] }]]);
        return [encoder.finish()];
      });
    const taken = submit();
    // They end in the order in which they begin, so that one at a time nudges.
    const done = device.queue.onSubmittedWorkDone();
    warmUps = Promise.allSettled([taken, warmUps.then(() => waitNudging(done))]);
    await warmUps;
    warm.add(pipeline);
  }

  const session: Session = {
    device,
    requireAlive,
    explain,
    scoped(work, refusal) {
      device.pushErrorScope('out-of-memory');
      device.pushErrorScope('validation');
      const close = () => Promise.all([device.popErrorScope(), device.popErrorScope()]);
      let made: ReturnType<typeof work>;
      try {
        made = work();
      } catch (error) {
        close().catch(() => {});
        throw error;
      }
      const taken = close().then(([validation, memory]) => {
        if (memory) throw new UnsupportedError(`The GPU has not enough memory: ${memory.message}`);
        if (validation) throw refusal(validation.message);
        requireAlive();
      });
      return { made, sound: taken.catch(explain) };
    },
    submit: (record) => session.scoped(() => device.queue.submit(record()), refusedRun).sound,
    waitFor: (work) => waitFor(work).catch(explain),
    timePromptness,
    own() {
      const objects: { destroy(): void }[] = [];
      let destroyed = false;
      const adopt: Owned['adopt'] = (object) => {
        objects.push(object);
        return object;
      };
      return {
        session,
        buffer: (label, bytes, usage) =>
          adopt(device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage })),
        async pipeline(label, shader, bind) {
          const compile = () => compilePipeline(device, label, shader).catch(explain);
          const entry = pipelines.get(shader) ?? { pipeline: compile(), users: 0 };
          const forget = () => {
            if (pipelines.get(shader) === entry) pipelines.delete(shader);
          };
          pipelines.set(shader, entry);
          entry.pipeline.catch(forget);
          entry.users++;
          adopt({
            destroy() {
              if (--entry.users === 0) forget();
            },
          });
          const pipeline = await entry.pipeline;
          if (bind && !destroyed && !warm.has(pipeline)) await warmUp(label, pipeline, () => bind(pipeline));
          return pipeline;
        },
        adopt,
        destroy(spared = []) {
          destroyed = true;
          for (const object of objects.splice(0)) if (!spared.includes(object)) object.destroy();
        },
      };
    },
  };
  return session;
}

/** A compile error prints the shader's text with line numbers. */
async function compilePipeline(device: GPUDevice, label: string, shader: string): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label, code: shader });
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const reasons = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message.trim()}`);
    if (reasons.length === 0) reasons.push((error as Error).message);
    const text = shader.split('\n').map((line, index) => `${String(index + 1).padStart(4)} ${line}`);
    throw new UnsupportedError(`The shader of '${label}' does not compile: ${reasons.join('; ')}\n${text.join('\n')}`);
  }
}

/** What the device says of a run that it refuses. */
const refusedRun = (message: string) =>
  new InputError(`The GPU refuses the run; is a buffer or texture destroyed, or another device's? ${message}`);
