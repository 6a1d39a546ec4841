/** What a table has by this name. Files name what they like: `constructor` is no operator. */
export const ownOf = <Entry>(table: Readonly<Record<string, Entry>>, name: string): Entry | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
