// What `npx linnet` does, for programs.
export { type ConvertOptions, convert } from './import/convert.ts';
export { formatInspection, type Inspection, inspect } from './import/inspect.ts';
export type { ModelFile } from './import/open.ts';
export type { StoredAs } from './import/write-safetensors.ts';
