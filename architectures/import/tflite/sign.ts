/** Whether bytes are those of a TFLite file, by the identifier that each has. */
export const isTflite = (bytes: Uint8Array): boolean => String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3';
