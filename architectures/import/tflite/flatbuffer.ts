import { ByteBuffer } from 'flatbuffers';
import { ModelError } from '../../../engine/common/errors.ts';
import type { Bytes } from '../bytes.ts';

/** What a table holds in one of its fields; the field's number is its place in the schema. */
export type Field<Content> = (table: Table) => Content;

type Contents<Fields extends Readonly<Record<string, Field<unknown>>>> = {
  readonly [Name in keyof Fields]: ReturnType<Fields[Name]>;
};

/** The bytes in which a table lies, and how many of them may still be read: a few times what there are. */
interface Source {
  readonly bytes: Uint8Array;
  readonly buffer: ByteBuffer;
  left: number;
}

/** A vtable of no fields, and at byte 4 a table that refers to it. */
const NOTHING = Uint8Array.of(4, 0, 4, 0, 4, 0, 0, 0);

/**
 * A table of a flatbuffer (https://flatbuffers.dev/internals/). The package reads wherever it is told to; here each offset
 * and length is compared with the bytes that there are. Tables may share what they refer to, so that a small file could
 * stand for any number of long vectors: all of them together may read each byte a few times.
 */
export class Table {
  readonly #source: Source;
  readonly #position: number;

  constructor(source: Source, position: number) {
    this.#source = source;
    this.#position = position;
  }

  /** Where a field of so many bytes lies. */
  find(number: number, bytes: number): number | undefined {
    const { buffer } = this.#source;
    this.#require(this.#position, 4);
    const vtable = this.#position - buffer.readInt32(this.#position);
    this.#require(vtable, 4);
    const entry = 4 + 2 * number;
    if (entry < buffer.readInt16(vtable)) this.#require(vtable, entry + 2);
    const offset = buffer.__offset(this.#position, entry);
    if (offset === 0) return undefined;
    this.#require(this.#position + offset, bytes);
    return this.#position + offset;
  }

  scalar<Content>(
    number: number,
    bytes: number,
    read: (buffer: ByteBuffer, at: number) => Content,
  ): Content | undefined {
    const at = this.find(number, bytes);
    return at === undefined ? undefined : read(this.#source.buffer, at);
  }

  table(number: number): Table | undefined {
    const at = this.find(number, 4);
    return at === undefined ? undefined : new Table(this.#source, this.#source.buffer.__indirect(at));
  }

  vector<Item>(number: number, bytes: number, read: (buffer: ByteBuffer, at: number) => Item): Item[] {
    const { start, count } = this.#extent(number, bytes);
    this.#spend(count * bytes);
    return Array.from({ length: count }, (_, index) => read(this.#source.buffer, start + index * bytes));
  }

  tables(number: number): Table[] {
    return this.vector(number, 4, (buffer, at) => new Table(this.#source, buffer.__indirect(at)));
  }

  /** A view. */
  bytes(number: number): Uint8Array {
    const { start, count } = this.#extent(number, 1);
    return this.#source.bytes.subarray(start, start + count);
  }

  text(number: number): string {
    const bytes = this.bytes(number);
    this.#spend(bytes.length);
    return new TextDecoder().decode(bytes);
  }

  #extent(number: number, bytes: number): { start: number; count: number } {
    const at = this.find(number, 4);
    if (at === undefined) return { start: 0, count: 0 };
    const { buffer } = this.#source;
    const start = buffer.__vector(at);
    this.#require(start - 4, 4);
    const count = buffer.readUint32(start - 4);
    this.#require(start, count * bytes);
    return { start, count };
  }

  #require(position: number, bytes: number): void {
    const { length } = this.#source.bytes;
    if (position < 0 || position + bytes > length) {
      throw new ModelError(`The file refers to bytes ${position} to ${position + bytes}, but has ${length}.`);
    }
    this.#spend(Math.min(bytes, 4));
  }

  #spend(bytes: number): void {
    this.#source.left -= bytes;
    if (this.#source.left < 0) throw new ModelError('The file refers to the same bytes over and over.');
  }
}

/** A table of which nothing is stored: each field has its default. */
export const EMPTY = new Table({ bytes: NOTHING, buffer: new ByteBuffer(NOTHING), left: Infinity }, 4);

/** The root table of a flatbuffer, if `identifier` stands in it. */
export function rootOf(bytes: Uint8Array, identifier: string): Table | undefined {
  if (bytes.length < 8) return undefined;
  const buffer = new ByteBuffer(bytes);
  if (!buffer.__has_identifier(identifier)) return undefined;
  return new Table({ bytes, buffer, left: 32 * bytes.length + 2 ** 16 }, buffer.readUint32(0));
}

const scalar =
  <Content>(bytes: number, read: (buffer: ByteBuffer, at: number) => Content, none: Content) =>
  (number: number, byDefault = none): Field<Content> =>
  (table) =>
    table.scalar(number, bytes, read) ?? byDefault;

export const flag = scalar(1, (buffer, at) => buffer.readUint8(at) !== 0, false);
export const int8 = scalar(1, (buffer, at) => buffer.readInt8(at), 0);
export const int32 = scalar(4, (buffer, at) => buffer.readInt32(at), 0);
export const uint32 = scalar(4, (buffer, at) => buffer.readUint32(at), 0);
export const uint64 = scalar(8, (buffer, at) => Number(buffer.readUint64(at)), 0);
export const float32 = scalar(4, (buffer, at) => buffer.readFloat32(at), 0);

const vector =
  <Item>(bytes: number, read: (buffer: ByteBuffer, at: number) => Item) =>
  (number: number): Field<Item[]> =>
  (table) =>
    table.vector(number, bytes, read);

export const uint8s = vector(1, (buffer, at) => buffer.readUint8(at));
export const uint16s = vector(2, (buffer, at) => buffer.readUint16(at));
export const int32s = vector(4, (buffer, at) => buffer.readInt32(at));
export const int64s = vector(8, (buffer, at) => Number(buffer.readInt64(at)));
export const float32s = vector(4, (buffer, at) => buffer.readFloat32(at));

export const text =
  (number: number): Field<string> =>
  (table) =>
    table.text(number);

export const bytes =
  (number: number): Field<Bytes> =>
  (table) =>
    table.bytes(number);

/** All of these fields of a table. */
export const record =
  <const Fields extends Readonly<Record<string, Field<unknown>>>>(fields: Fields): Field<Contents<Fields>> =>
  (table) =>
    Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field(table)])) as Contents<Fields>;

/** A table whose content depends on what else is known. */
export const table =
  (number: number): Field<Table | undefined> =>
  (outer) =>
    outer.table(number);

export const one =
  <Content>(number: number, content: Field<Content>): Field<Content | undefined> =>
  (table) => {
    const inner = table.table(number);
    return inner && content(inner);
  };

export const many =
  <Content>(number: number, content: Field<Content>): Field<Content[]> =>
  (table) =>
    table.tables(number).map(content);
