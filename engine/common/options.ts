import { InputError, type LinnetError } from './errors.ts';
import { type Kind, OBJECT, show } from './kinds.ts';

/** What each option may be, and its default. */
export type OptionTable = Readonly<Record<string, readonly [kind: Kind<unknown>, byDefault: unknown]>>;

export type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name][0] extends Kind<infer Value> ? Value : never;
};

/** The error that tells of a wrong option. */
type Failure = new (message: string) => LinnetError;

/** Throws unless `given` is an object whose names are all known: a misspelt option would be ignored without a word. */
export function requireKnown(given: unknown, known: readonly string[], Failure: Failure = InputError): void {
  if (!OBJECT.accepts(given)) throw new Failure(`The options are ${show(given)} instead of an object.`);
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new Failure(`There is no option '${unknown}'; there are ${known.join(', ')}.`);
  }
}

/** Throws unless an option's value is of this kind. */
export function requireKind<Value>(
  name: string,
  value: unknown,
  kind: Kind<Value>,
  Failure: Failure = InputError,
): asserts value is Value {
  if (!kind.accepts(value)) throw new Failure(`The option '${name}' is ${show(value)}; it should be ${kind.expected}.`);
}

/** The given options, and the defaults of the rest. Throws on an unknown name or a wrong value. */
export function readTable<const Table extends OptionTable>(
  given: unknown,
  table: Table,
  Failure: Failure = InputError,
): OptionValues<Table> {
  requireKnown(given, Object.keys(table), Failure);
  const values = Object.entries(table).map(([name, [kind, byDefault]]) => {
    const { [name]: value = byDefault } = given as Record<string, unknown>;
    requireKind(name, value, kind, Failure);
    return [name, value];
  });
  return Object.fromEntries(values) as OptionValues<Table>;
}
