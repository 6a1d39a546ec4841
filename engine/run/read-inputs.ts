import { during, InputError } from '../common/errors.ts';
import { describe, OBJECT, show, tagOf } from '../common/kinds.ts';
import { elementsOf } from '../graph/graph.ts';
import type { Plan, PlannedInput } from '../plan/plan.ts';
import type { Dispatch, Dispatches } from './dispatch.ts';
import type { NetworkInput, NetworkInputs } from './inputs.ts';
import type { Resources } from './resources.ts';

/** Gives a function that checks and uploads inputs, and gives what runs the network on them, good until it is called again. */
export function createInputReader(plan: Plan, resources: Resources): (inputs: NetworkInputs) => Dispatches {
  const { dispatches, pictureReaders, owned } = resources;
  const { queue } = owned.session.device;
  const entries = Object.entries(plan.inputs);
  /** For each buffer that was given, the dispatches that read it, by their kernels. */
  const fromBuffers = new WeakMap<GPUBuffer, Dispatch[]>();
  // Made once: from run to run, only what reads the inputs changes.
  const current: (readonly Dispatch[])[] = dispatches.map((dispatch) => [dispatch]);

  return (inputs) => {
    if (!OBJECT.accepts(inputs)) throw new InputError(`The inputs are ${show(inputs)} instead of an object.`);
    for (const name of Object.keys(inputs)) {
      if (plan.inputs[name]) continue;
      throw new InputError(`There is no input '${name}'; the inputs are ${Object.keys(plan.inputs).join(', ')}.`);
    }
    for (const [name, { kernel }] of entries) {
      const source = inputs[name];
      if (source === undefined || source === null) throw new InputError(`The input '${name}' is missing.`);
      current[kernel] = during(`reading input '${name}'`, () => read(name, source));
    }
    return current;
  };

  function read(name: string, source: NetworkInput): Dispatch[] {
    const planned = plan.inputs[name] as PlannedInput;
    if (isTensor(source)) {
      checkElements(planned, source.length);
      const { buffer, offset } = resources.rangeOf(planned.tensor);
      queue.writeBuffer(buffer, offset, fixed(source));
      return [dispatches[planned.kernel] as Dispatch];
    }
    if (isBuffer(source)) {
      checkElements(planned, source.size / 4);
      if (!(source.usage & GPUBufferUsage.STORAGE)) throw new InputError('The buffer lacks the usage STORAGE.');
      const known = fromBuffers.get(source) ?? [];
      fromBuffers.set(source, known);
      known[planned.kernel] ??= resources.dispatchFrom(planned.kernel, source);
      return [known[planned.kernel] as Dispatch];
    }
    const readPictures = pictureReaders.get(name);
    if (readPictures) return readPictures(source);
    throw new InputError(
      `The input is ${describe(source)}; it should be a Float32Array or GPUBuffer: the network was compiled without \`preprocess\`.`,
    );
  }
}

function checkElements({ shape }: PlannedInput, given: number): void {
  const expected = elementsOf(shape);
  if (given !== expected) {
    throw new InputError(`The tensor has ${given} elements; [${shape.join(', ')}] has ${expected}.`);
  }
}

const isTensor = (input: NetworkInput): input is Float32Array => tagOf(input) === 'Float32Array';
const isBuffer = (input: NetworkInput): input is GPUBuffer => tagOf(input) === 'GPUBuffer';

/** Numbers whose memory neither grows nor is shared, as WebGPU takes only such. */
function fixed(numbers: Float32Array): Float32Array<ArrayBuffer> {
  const { buffer } = numbers as { buffer: ArrayBufferLike & { resizable?: boolean } };
  const isFixed = tagOf(buffer) === 'ArrayBuffer' && !buffer.resizable;
  return isFixed ? (numbers as Float32Array<ArrayBuffer>) : new Float32Array(numbers);
}
