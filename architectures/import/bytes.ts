/** Bytes by a name of their own: what TypeScript infers, generic since version 5.7, would not be for older ones. */
export interface Bytes extends Uint8Array {}
