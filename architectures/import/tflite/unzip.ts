/** The largest text that is taken out of an archive. */
const MOST_BYTES = 2 ** 22;

const END = 0x06054b50;
const ENTRY = 0x02014b50;

/**
 * The text of a file in a zip archive at the end of some bytes, if it is there: stored as it is, or deflated.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function unzip(bytes: Uint8Array, name: string): Promise<string | undefined> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // The record at the end has 22 bytes, and may be followed by a comment.
  let end = bytes.length - 22;
  while (end > 0 && end > bytes.length - 22 - 2 ** 16 && view.getUint32(end, true) !== END) end--;
  if (end <= 0 || view.getUint32(end, true) !== END) return undefined;
  const size = view.getUint32(end + 12, true);
  let at = end - size;
  // Offsets are counted from the archive's beginning, or from the file's.
  const start = at - view.getUint32(end + 16, true);
  const label = new TextEncoder().encode(name);
  while (at >= 0 && at + 46 <= end && view.getUint32(at, true) === ENTRY) {
    const [method, packed] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true)];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true)) as [
      number,
      number,
      number,
    ];
    const local = start + view.getUint32(at + 42, true);
    if (nameLength === label.length && label.every((byte, index) => byte === bytes[at + 46 + index])) {
      if (local < 0 || local + 30 > bytes.length) return undefined;
      const begin = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const data = bytes.subarray(begin, begin + packed);
      return method === 0
        ? new TextDecoder().decode(data.subarray(0, MOST_BYTES))
        : method === 8
          ? inflate(data)
          : undefined;
    }
    at += 46 + nameLength + extra + comment;
  }
  return undefined;
}

async function inflate(data: Uint8Array): Promise<string | undefined> {
  const stream = new Blob([data as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  try {
    for (let bytes = 0; bytes < MOST_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      bytes += value.length;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // A hint is not worth refusing the network.
  }
  return undefined;
}
