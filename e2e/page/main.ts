// What a spec can call in the page: a case by name, inside error scopes.
import { fromText, toText } from './carry.ts';
import * as cases from './cases.ts';
import { testDevice } from './device.ts';

declare global {
  /** Takes a case's name and argument, and gives its result or its errors, as `toText` writes them. */
  var runCase: (call: string) => Promise<string>;
}

/** How a case ends. */
export type CaseOutcome = { result: unknown } | { errors: string[] };

const filters = ['validation', 'out-of-memory', 'internal'] as const;

globalThis.runCase = async (call) => {
  const [name, argument] = fromText(call) as [name: string, argument: unknown];
  const errors: string[] = [];
  const outcome = await runInScopes(name, argument, errors).catch(
    (error: unknown) => void errors.unshift(describe(error)),
  );
  const ended: CaseOutcome = errors.length > 0 ? { errors } : { result: outcome };
  return toText(ended);
};

async function runInScopes(name: string, argument: unknown, errors: string[]): Promise<unknown> {
  const device = await testDevice();
  const run = (cases as Record<string, unknown>)[name] as (device: GPUDevice, argument: unknown) => Promise<unknown>;
  for (const filter of filters) device.pushErrorScope(filter);
  try {
    return await run(device, argument);
  } finally {
    for (const filter of filters.toReversed()) {
      const error = await device.popErrorScope();
      if (error) errors.push(`GPU error (${filter}): ${error.message}`);
    }
  }
}

/** An error with its stack, which begins with the error in Chromium and not in Firefox. */
function describe(error: unknown): string {
  const { stack = '' } = error instanceof Error ? error : {};
  return stack.startsWith(String(error)) ? stack : `${error}\n${stack}`;
}
