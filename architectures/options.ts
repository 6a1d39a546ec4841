import { ArchitectureError, during } from '../engine/errors.ts';
import type { Pair } from '../engine/graph.ts';

/** What every classifier takes. */
export interface ClassifierOptions {
  /** Length of `logits`; 1000 by default. */
  classes?: number;
  /** Channels of `image`; 3 by default. */
  inChannels?: number;
  /** Height and width of `image` in pixels; 224 x 224 by default. */
  inputSize?: Pair;
  /** Pictures in one run; 1 by default. */
  batch?: number;
}

/** One option of an architecture: its default, and what it may be. */
interface Option<Value> {
  readonly byDefault: Value;
  /** Completes the sentence "The option 'x' is ...". */
  readonly expected: string;
  accepts(value: unknown): value is Value;
}

type OptionTable = Readonly<Record<string, Option<unknown>>>;
type OptionValues<Table> = { readonly [Name in keyof Table]: Table[Name] extends Option<infer Value> ? Value : never };

const isPositiveInteger = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

export function positiveInteger(byDefault: number): Option<number> {
  return { byDefault, expected: 'a positive integer', accepts: isPositiveInteger };
}

export function positiveNumber(byDefault: number): Option<number> {
  const accepts = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;
  return { byDefault, expected: 'a positive number', accepts };
}

export function flag(byDefault: boolean): Option<boolean> {
  return { byDefault, expected: 'true or false', accepts: (value) => typeof value === 'boolean' };
}

/** One of some words, of which the first is the default. */
export function oneOf<const Word extends string>(byDefault: Word, ...others: Word[]): Option<Word> {
  const words: readonly unknown[] = [byDefault, ...others];
  const expected = words.map((word) => `'${word}'`).join(' or ');
  return { byDefault, expected, accepts: (value): value is Word => words.includes(value) };
}

function heightAndWidth(byDefault: Pair): Option<Pair> {
  const accepts = (value: unknown): value is Pair =>
    Array.isArray(value) && value.length === 2 && value.every(isPositiveInteger);
  return { byDefault, expected: 'a height and a width, two positive integers', accepts };
}

export const classifierOptions = {
  classes: positiveInteger(1000),
  inChannels: positiveInteger(3),
  inputSize: heightAndWidth([224, 224]),
  batch: positiveInteger(1),
};

/** The given options and the defaults of the rest. Throws an `ArchitectureError` on an unknown name or a wrong value. */
export function readOptions<Table extends OptionTable>(
  architecture: string,
  given: object,
  table: Table,
): OptionValues<Table> {
  return during(`reading the options of ${architecture}`, () => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw new ArchitectureError(`The options are an object, not ${show(given)}.`);
    }
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(table, name));
    if (unknown !== undefined) {
      throw new ArchitectureError(`There is no option '${unknown}'; there are ${Object.keys(table).join(', ')}.`);
    }
    const values = Object.entries(table).map(([name, { byDefault, expected, accepts }]) => {
      const { [name]: value = byDefault } = given as Record<string, unknown>;
      if (!accepts(value)) throw new ArchitectureError(`The option '${name}' is ${expected}, not ${show(value)}.`);
      return [name, value];
    });
    return Object.fromEntries(values) as OptionValues<Table>;
  });
}

/** JSON has no NaN and no Infinity, and would say `null`. */
const show = (value: unknown) => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)));
