import type { OnProgress } from './progress.ts';

/** What a value from outside may be: an option that JavaScript passes, a field of a card's JSON. */
export interface Kind<Value> {
  /** Completes the sentence "It should be ...". */
  readonly expected: string;
  accepts(value: unknown): value is Value;
}

const isPositive = (value: unknown): value is number => Number.isFinite(value) && (value as number) > 0;
const isPositiveInteger = (value: unknown): value is number => Number.isSafeInteger(value) && isPositive(value);

export const NUMBER: Kind<number> = {
  expected: 'a number',
  accepts: (value): value is number => typeof value === 'number' && !Number.isNaN(value),
};
export const NOT_NEGATIVE: Kind<number> = {
  expected: 'a finite number of at least 0',
  accepts: (value): value is number => value === 0 || isPositive(value),
};
export const NATURAL: Kind<number> = {
  expected: 'a natural number',
  accepts: (value): value is number => value === 0 || isPositiveInteger(value),
};
export const POSITIVE_INTEGER: Kind<number> = { expected: 'a positive integer', accepts: isPositiveInteger };
export const POSITIVE_NUMBER: Kind<number> = { expected: 'a positive number', accepts: isPositive };
export const FINITE: Kind<number> = {
  expected: 'a finite number',
  accepts: (value): value is number => Number.isFinite(value),
};
/** From 0 to 1, without 0 itself. */
export const FRACTION: Kind<number> = {
  expected: 'a number above 0 and at most 1',
  accepts: (value): value is number => isPositive(value) && value <= 1,
};
export const FLAG: Kind<boolean> = {
  expected: 'true or false',
  accepts: (value) => typeof value === 'boolean',
};
export const LISTENER: Kind<OnProgress> = {
  expected: 'a function',
  accepts: (value): value is OnProgress => typeof value === 'function',
};
/** Of another frame, too. */
export const SIGNAL: Kind<AbortSignal> = {
  expected: 'an AbortSignal',
  accepts: (value): value is AbortSignal => tagOf(value) === 'AbortSignal',
};
export const TEXT: Kind<string> = {
  expected: 'a text of at least one character',
  accepts: (value): value is string => typeof value === 'string' && value !== '',
};
export const HEIGHT_AND_WIDTH: Kind<readonly [number, number]> = {
  expected: 'two positive integers, for height and width',
  accepts: (value): value is readonly [number, number] =>
    Array.isArray(value) && value.length === 2 && value.every(isPositiveInteger),
};
/** Where smaller maps would vanish on their way through a network. */
export function heightAndWidthFrom(least: number): Kind<readonly [number, number]> {
  return {
    expected: `two integers of at least ${least}, for height and width`,
    accepts: (value): value is readonly [number, number] =>
      HEIGHT_AND_WIDTH.accepts(value) && value.every((size) => size >= least),
  };
}
export const OBJECT: Kind<Readonly<Record<string, unknown>>> = {
  expected: 'an object',
  accepts: (value): value is Readonly<Record<string, unknown>> =>
    typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** One of some texts, numbers or flags. */
export function oneOf<const Word extends string | number | boolean>(...words: Word[]): Kind<Word> {
  return {
    expected: words.map((word) => JSON.stringify(word)).join(' or '),
    accepts: (value): value is Word => (words as unknown[]).includes(value),
  };
}

/** One that may be left out. */
export function optional<Value>({ expected, accepts }: Kind<Value>): Kind<Value | undefined> {
  return { expected, accepts: (value): value is Value | undefined => value === undefined || accepts(value) };
}

/** One or the other. */
export function either<A, B>(a: Kind<A>, b: Kind<B>): Kind<A | B> {
  return {
    expected: `${a.expected}, or ${b.expected}`,
    accepts: (value): value is A | B => a.accepts(value) || b.accepts(value),
  };
}

/** What may be left out, and who uses it looks at. */
export function unchecked<Value>(): Kind<Value | undefined> {
  return { expected: '', accepts: (value): value is Value | undefined => true };
}

/** A list, of one of these lengths where they matter. */
export function listOf<Item>(kind: Kind<Item>, expected: string, lengths?: readonly number[]): Kind<readonly Item[]> {
  return {
    expected,
    accepts: (value): value is readonly Item[] =>
      Array.isArray(value) && value.every(kind.accepts) && (!lengths || lengths.includes(value.length)),
  };
}

/** What kind of object it is, wherever it was made: `instanceof` knows none of another frame. */
export const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

const named = (_: string, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? String(item) : item);

/** A value in a message. JSON has no NaN and no Infinity, and would show `null`. */
export function show(value: unknown): string {
  if (value === undefined || typeof value === 'number') return String(value);
  try {
    const text = JSON.stringify(value, named) ?? typeof value;
    return text.length > 80 ? `${text.slice(0, 80)}...` : text;
  } catch {
    // It refers to itself, holds a bigint, or is nested too deeply.
    return typeof value;
  }
}

/** What a value is, with the article that its name is spoken with: an HTMLDivElement, a Uint8Array. */
export function describe(value: unknown): string {
  if (typeof value !== 'object' || !value) return show(value);
  const name = value.constructor?.name || tagOf(value);
  return `${/^([AEIO]|[FHLMNRSX][A-Z])/.test(name) ? 'an' : 'a'} ${name}`;
}
