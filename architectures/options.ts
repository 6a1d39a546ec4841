import { ArchitectureError, during } from '../engine/errors.ts';
import type { Pair } from '../engine/graph.ts';
import { HEIGHT_AND_WIDTH, type Kind, OBJECT, POSITIVE_INTEGER, show } from './kinds.ts';

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

/** An architecture's options: what each may be, and its default. */
type OptionTable = Readonly<Record<string, readonly [kind: Kind<unknown>, byDefault: unknown]>>;
type OptionValues<Table extends OptionTable> = {
  readonly [Name in keyof Table]: Table[Name][0] extends Kind<infer Value> ? Value : never;
};

export const classifierOptions = {
  classes: [POSITIVE_INTEGER, 1000],
  inChannels: [POSITIVE_INTEGER, 3],
  inputSize: [HEIGHT_AND_WIDTH, [224, 224]],
  batch: [POSITIVE_INTEGER, 1],
} as const satisfies OptionTable;

/** The given options and the defaults of the rest. Throws an `ArchitectureError` on an unknown name or a wrong value. */
export function readOptions<const Table extends OptionTable>(
  architecture: string,
  given: object,
  table: Table,
): OptionValues<Table> {
  return during(`reading the options of ${architecture}`, () => {
    if (!OBJECT.accepts(given)) throw new ArchitectureError(`The options are ${show(given)} instead of an object.`);
    const unknown = Object.keys(given).find((name) => !Object.hasOwn(table, name));
    if (unknown !== undefined) {
      throw new ArchitectureError(`There is no option '${unknown}'; there are ${Object.keys(table).join(', ')}.`);
    }
    const values = Object.entries(table).map(([name, [kind, byDefault]]) => {
      const { [name]: value = byDefault } = given;
      if (!kind.accepts(value)) {
        throw new ArchitectureError(`The option '${name}' is ${show(value)}; it should be ${kind.expected}.`);
      }
      return [name, value];
    });
    return Object.fromEntries(values) as OptionValues<Table>;
  });
}
