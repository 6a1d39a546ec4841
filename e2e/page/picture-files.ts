// Picture files with what a canvas does not write into them.

const ascii = (text: string) => Array.from(text, (letter) => letter.charCodeAt(0));
const u16 = (value: number) => [value >> 8, value & 255];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 65535)];

type Entry = readonly [tag: number, type: 3 | 4 | 5, value: number];

/** Tags of EXIF, big-endian: numbers of 16 or 32 bits, or whole fractions. */
function directory(entries: readonly Entry[], start: number): number[] {
  const end = start + 2 + entries.length * 12 + 4;
  const fractions: number[] = [];
  const fields = entries.flatMap(([tag, type, value]) => {
    if (type === 3) return [...u16(tag), ...u16(type), ...u32(1), ...u16(value), 0, 0];
    if (type === 4) return [...u16(tag), ...u16(type), ...u32(1), ...u32(value)];
    fractions.push(...u32(value), ...u32(1));
    return [...u16(tag), ...u16(type), ...u32(1), ...u32(end + fractions.length - 8)];
  });
  return [...u16(entries.length), ...fields, ...u32(0), ...fractions];
}

/** A JPEG whose EXIF data say how it is turned, or that it is shown at `density` pixels for one of CSS. */
export async function jpegWith(
  jpeg: Blob,
  { orientation = 1, shown }: { orientation?: number; shown?: { width: number; height: number; density: number } },
): Promise<Blob> {
  const resolution: Entry[] = shown
    ? [
        [0x11a, 5, 72 * shown.density],
        [0x11b, 5, 72 * shown.density],
        [0x128, 3, 2],
      ]
    : [];
  const main: Entry[] = [[0x112, 3, orientation], ...resolution];
  const mainBytes = 2 + (main.length + Number(Boolean(shown))) * 12 + 4 + resolution.length * 8;
  if (shown) main.push([0x8769, 4, 8 + mainBytes]);
  const more: Entry[] = shown
    ? [
        [0xa002, 4, shown.width],
        [0xa003, 4, shown.height],
      ]
    : [];
  const first = directory(main, 8);
  const tiff = [...ascii('MM'), 0, 42, ...u32(8), ...first, ...(shown ? directory(more, 8 + first.length) : [])];
  const body = [...ascii('Exif'), 0, 0, ...tiff];
  const bytes = new Uint8Array(await jpeg.arrayBuffer());
  const segment = Uint8Array.from([0xff, 0xe1, ...u16(body.length + 2), ...body]);
  return new Blob([bytes.slice(0, 2), segment, bytes.slice(2)], { type: 'image/jpeg' });
}

/** A PNG that says what red, green and blue are: here red is shown as green, and green as red. */
export async function withSwappedPrimaries(png: Blob): Promise<Blob> {
  const bytes = new Uint8Array(await png.arrayBuffer());
  // White and the primaries of sRGB, red and green exchanged; then its curve, roughly.
  const primaries = [31270, 32900, 30000, 60000, 64000, 33000, 15000, 6000].flatMap(u32);
  const chunks = [chunk('gAMA', u32(45455)), chunk('cHRM', primaries)];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  // The chunks of the file, without what it says of its colours.
  for (let at = 8; at < bytes.length; ) {
    const length = 12 + new DataView(bytes.buffer).getUint32(at);
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!['sRGB', 'gAMA', 'cHRM', 'iCCP', 'cICP'].includes(name)) parts.push(bytes.slice(at, at + length));
    at += length;
  }
  const [header, ...rest] = parts as [Uint8Array<ArrayBuffer>, ...Uint8Array<ArrayBuffer>[]];
  return new Blob([bytes.slice(0, 8), header, ...chunks, ...rest], { type: 'image/png' });
}

function chunk(name: string, data: readonly number[]): Uint8Array<ArrayBuffer> {
  const content = [...ascii(name), ...data];
  let crc = 0xffffffff;
  for (const byte of content) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return Uint8Array.from([...u32(data.length), ...content, ...u32(~crc >>> 0)]);
}
