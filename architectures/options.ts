import { ArchitectureError, during } from '../engine/common/errors.ts';
import { HEIGHT_AND_WIDTH, listOf, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import { type OptionTable, type OptionValues, readTable } from '../engine/common/options.ts';
import type { Pair } from '../engine/graph/graph.ts';

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

export const classifierOptions = {
  classes: [POSITIVE_INTEGER, 1000],
  inChannels: [POSITIVE_INTEGER, 3],
  inputSize: [HEIGHT_AND_WIDTH, [224, 224]],
  batch: [POSITIVE_INTEGER, 1],
} as const satisfies OptionTable;

/** How many layers or blocks the parts of a network have, one after another. */
export const LENGTHS = /* @__PURE__ */ listOf(POSITIVE_INTEGER, 'a list of positive integers');

/** The given options and the defaults of the rest. Throws an `ArchitectureError` on an unknown name or a wrong value. */
export function readOptions<const Table extends OptionTable>(
  architecture: string,
  given: object,
  table: Table,
): OptionValues<Table> {
  return during(`reading the options of ${architecture}`, () => readTable(given, table, ArchitectureError));
}

/** Throws an `ArchitectureError` unless options that are right by themselves go together. */
export function demandOptions(architecture: string, fit: boolean, message: string): void {
  during(`reading the options of ${architecture}`, () => {
    if (!fit) throw new ArchitectureError(message);
  });
}
