import type { Capabilities } from '../common/capabilities.ts';
import { InputError } from '../common/errors.ts';
import { OBJECT } from '../common/kinds.ts';
import { VERSION } from '../common/version.ts';

/** Candidates by the layers' signatures. */
export type TunedChoices = Readonly<Record<string, string>>;

/** What tuning has found: plain data, by adapter together with browser and engine. */
export interface Tuning {
  readonly schema: 1;
  readonly choices: Readonly<Record<string, TunedChoices>>;
}

/** Of so many adapters, browsers and versions what was found last is kept. */
const MOST_KEYS = 32;

/*
 * The Cache API is the one storage that pages and workers share which takes a text in two calls; it is there where WebGPU is,
 * in secure contexts. A page may have none, in Node or where a browser is told to store nothing: then memory has to do.
 */
const CACHE = 'linnet';
const ADDRESS = 'https://linnet.invalid/tuning';

let inMemory: Tuning['choices'] = {};

/** What a choice is good for: this adapter in this browser, with these kernels. */
export function tuningKeyOf(capabilities: Capabilities): string {
  const agent: string | undefined = globalThis.navigator?.userAgent;
  return `linnet ${VERSION}, ${agent}, ${JSON.stringify(capabilities)}`;
}

/** What is kept for this key. */
export async function keptChoices(key: string): Promise<TunedChoices> {
  return (await readAll())[key] ?? {};
}

/** Keeps these choices too. */
export const keepChoices = (key: string, choices: TunedChoices): Promise<void> => keepAll({ [key]: choices });

/** What tuning has found so far, on this and earlier visits, and what was imported: JSON. */
export async function exportTuning(): Promise<Tuning> {
  return { schema: 1, choices: await readAll() };
}

/** Keeps what `exportTuning` gave, here or elsewhere. Throws an `InputError` if it is anything else. */
export async function importTuning(json: unknown): Promise<void> {
  await keepAll(readTuning(json));
}

function readTuning(json: unknown): Tuning['choices'] {
  const { schema, choices } = OBJECT.accepts(json) ? json : {};
  const isChosen = (each: unknown) =>
    OBJECT.accepts(each) && Object.values(each).every((candidate) => typeof candidate === 'string');
  if (schema !== 1 || !OBJECT.accepts(choices) || !Object.values(choices).every(isChosen)) {
    throw new InputError('The tuning is not what exportTuning gives.');
  }
  return choices as Tuning['choices'];
}

async function readAll(): Promise<Tuning['choices']> {
  try {
    const stored = await (await caches.open(CACHE)).match(ADDRESS);
    return merged(readTuning(await stored?.json()), inMemory);
  } catch {
    return inMemory;
  }
}

async function keepAll(choices: Tuning['choices']): Promise<void> {
  inMemory = merged(await readAll(), choices);
  try {
    const text = JSON.stringify({ schema: 1, choices: inMemory } satisfies Tuning);
    await (await caches.open(CACHE)).put(ADDRESS, new Response(text));
  } catch {
    // It is in memory.
  }
}

/** What comes later comes before what is there already. */
function merged(before: Tuning['choices'], later: Tuning['choices']): Tuning['choices'] {
  const added = Object.entries(later).map(([key, choices]) => [key, { ...before[key], ...choices }] as const);
  return Object.fromEntries(Object.entries({ ...before, ...Object.fromEntries(added) }).slice(-MOST_KEYS));
}
