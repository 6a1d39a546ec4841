import { InputError, LinnetError } from '../common/errors.ts';
import type { Plan } from '../plan/plan.ts';
import { requireFinite } from './debug.ts';
import { commandsOf, record } from './dispatch.ts';
import type { NetworkInputs, NetworkOutput, RunInputs } from './inputs.ts';
import { type Profile, type ProfileOptions, profile } from './profile.ts';
import { createInputReader } from './read-inputs.ts';
import { createReadback } from './readback.ts';
import { allocate, type LoadOptions, type Resources } from './resources.ts';
import { sessionOf } from './session.ts';

/** A plan on a device: every buffer, pipeline and bind group it needs, made once. */
export interface Executable {
  readonly plan: Plan;
  readonly device: GPUDevice;
  readonly outputs: Resources['outputs'];
  /** Records one inference. */
  encode(encoder: GPUCommandEncoder, inputs: NetworkInputs): void;
  /** Records the kernels up to this one, and gives where the value lies that it writes. */
  encodeUntil(encoder: GPUCommandEncoder, inputs: NetworkInputs, kernel: number): Required<GPUBufferBinding>;
  /** Records and submits one inference; results stay in `outputs`. The promise rejects if the GPU refuses it. */
  dispatch(inputs: NetworkInputs): Promise<void>;
  /** `dispatch`, then the results. */
  run(inputs: RunInputs): Promise<Record<string, NetworkOutput>>;
  /** Times the kernels; what lies in `outputs` is lost. */
  profile(options?: ProfileOptions): Promise<Profile>;
  /** Frees every GPU object made here, but for these buffers. */
  destroy(spared?: readonly GPUBuffer[]): void;
}

/** Puts a plan on a device. When anything fails, what was made is freed. */
export async function load(plan: Plan, options: LoadOptions): Promise<Executable> {
  const { device, debug, preprocess } = options;
  const session = sessionOf(device);
  const resources = await allocate(plan, session, options);
  void session.timePromptness();
  const readInputs = createInputReader(plan, resources);
  const outputs = Object.entries(resources.outputs);
  const ranges = outputs.map(([, { buffer, bytes }]) => ({ buffer, offset: 0, size: bytes }));
  const readback = createReadback(resources.owned, plan.name, ranges);
  let destroyed = false;

  const requireAlive = () => {
    if (destroyed) throw new InputError(`The network '${plan.name}' has been destroyed.`);
    session.requireAlive();
  };
  const submit = (inputs: NetworkInputs, finish?: (encoder: GPUCommandEncoder) => void) =>
    session.submit(() => commandsOf(device, plan.name, readInputs(inputs), finish));

  return {
    plan,
    device,
    outputs: resources.outputs,
    encode(encoder, inputs) {
      requireAlive();
      record(encoder, plan.name, readInputs(inputs));
    },
    encodeUntil(encoder, inputs, kernel) {
      requireAlive();
      const written = plan.kernels[kernel]?.bindings.find(({ name }) => name === 'output');
      if (!written || !('value' in written)) {
        throw new InputError(`There is no kernel ${kernel}; there are ${plan.kernels.length}, counted from 0.`);
      }
      record(encoder, plan.name, readInputs(inputs).slice(0, kernel + 1));
      return resources.rangeOf(written.value);
    },
    dispatch(inputs) {
      requireAlive();
      return submit(inputs);
    },
    async run(inputs) {
      const infer = async (decoded: NetworkInputs) => {
        requireAlive();
        try {
          if (debug) await requireFinite(plan, resources, [...readInputs(decoded)]);
          const results = await readback((copy) => submit(decoded, copy));
          return Object.fromEntries(
            outputs.map(([name, { shape }], index) => [
              name,
              { data: new Float32Array(results[index] as ArrayBuffer), shape },
            ]),
          );
        } catch (error) {
          // What is destroyed meanwhile cannot be read.
          if (!(error instanceof LinnetError)) requireAlive();
          throw error;
        }
      };
      // Without pictures, a file is refused like anything else that is no tensor.
      return preprocess ? preprocess.withDecoded(inputs, infer) : infer(inputs as NetworkInputs);
    },
    async profile(options) {
      requireAlive();
      try {
        return await profile(resources, options);
      } catch (error) {
        // What is destroyed meanwhile is refused by the GPU.
        requireAlive();
        throw error;
      }
    },
    destroy(spared) {
      destroyed = true;
      resources.owned.destroy(spared);
    },
  };
}
