import type { ElementType } from '../../shaders/kernel.ts';
import { NumericsError } from '../common/errors.ts';
import type { Binding, Plan, PlannedValue } from '../plan/plan.ts';
import type { Dispatch, Dispatches } from './dispatch.ts';
import { readOnce } from './readback.ts';
import type { Resources } from './resources.ts';

/**
 * Runs one kernel after another, `dispatches[k]` for kernel k, and looks at what each has written. Throws a
 * `NumericsError` that names the first kernel whose result is not finite, and the first such element of it.
 */
export async function requireFinite(plan: Plan, { owned, rangeOf }: Resources, dispatches: Dispatches): Promise<void> {
  const ofInputs = new Set(Object.values(plan.inputs).map(({ kernel }) => kernel));
  for (const [index, { name, kind, bindings }] of plan.kernels.entries()) {
    const written = bindings.find((binding) => binding.name === 'output') as Extract<Binding, { value: number }>;
    const data = await readOnce(owned.session, name, dispatches[index] as readonly Dispatch[], rangeOf(written.value));
    const isPlanar = kind === 'repack' && !ofInputs.has(index);
    const { shape } = plan.values[written.value] as PlannedValue;
    const [type, lanes] = isPlanar ? (['float32', 1] as const) : ([plan.elementType, 4] as const);
    const found = firstNotFinite(data, type, lanes, shape, written.channels);
    if (found) throw new NumericsError(`The result of ${kind} '${name}' is not finite: ${found}.`);
  }
}

/** In data that is NCHW (`lanes` 1) or slice-major (4), among these channels: pad lanes and what others write do not count. */
function firstNotFinite(
  data: ArrayBuffer,
  type: ElementType,
  lanes: 1 | 4,
  [batch = 1, channels = 1, height = 1, width = 1]: readonly number[],
  [first, count]: readonly [number, number] = [0, channels],
): string | undefined {
  const [bits, infinity, negative] =
    type === 'float16' ? [new Uint16Array(data), 0x7c00, 0xfc00] : [new Uint32Array(data), 0x7f800000, 0xff800000];
  const pixels = height * width;
  const slices = Math.ceil(channels / lanes);
  for (let item = 0; item < batch; item++) {
    for (let channel = first; channel < first + count; channel++) {
      const start = (item * slices + Math.floor(channel / lanes)) * pixels;
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = bits[(start + pixel) * lanes + (channel % lanes)] as number;
        // An infinity has all bits of the exponent, and no others besides the sign.
        if ((value & infinity) !== infinity) continue;
        const shown = value === infinity ? 'Infinity' : value === negative ? '-Infinity' : 'NaN';
        return `${shown} at [${item}, ${channel}, ${Math.floor(pixel / width)}, ${pixel % width}]`;
      }
    }
  }
  return undefined;
}
