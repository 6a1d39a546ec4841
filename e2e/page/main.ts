// What a spec can call in the page: a case by name, inside error scopes.
import * as cases from './cases.ts';
import { testDevice } from './device.ts';

declare global {
  var runCase: (name: string, args: unknown) => Promise<unknown>;
}

const filters = ['validation', 'out-of-memory', 'internal'] as const;

globalThis.runCase = async (name, args) => {
  const device = await testDevice();
  const run = (cases as Record<string, unknown>)[name] as (device: GPUDevice, args: unknown) => Promise<unknown>;
  for (const filter of filters) device.pushErrorScope(filter);
  const [outcome] = await Promise.allSettled([run(device, args)]);
  const errors: string[] = [];
  for (const filter of filters.toReversed()) {
    const error = await device.popErrorScope();
    if (error) errors.push(`GPU error (${filter}): ${error.message}`);
  }
  if (outcome.status === 'rejected') errors.unshift(outcome.reason?.stack ?? String(outcome.reason));
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return outcome.status === 'fulfilled' ? outcome.value : undefined;
};
