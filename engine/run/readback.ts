import { type Dispatch, record } from './dispatch.ts';
import type { Owned, Session } from './session.ts';

/**
 * Gives a function that reads these ranges back. It takes what submits the work that fills them, with a copy at its end, and
 * may be called again before the first results are there: each call has a staging buffer of its own, used again later.
 */
export function createReadback(
  { buffer: create, session }: Owned,
  label: string,
  ranges: readonly Required<GPUBufferBinding>[],
) {
  let end = 0;
  const copies = ranges.map((range) => {
    const start = end;
    end += Math.ceil(range.size / 4) * 4;
    return { ...range, start, end };
  });
  const idle: GPUBuffer[] = [];

  return async (submit: (copy: (encoder: GPUCommandEncoder) => void) => Promise<void>): Promise<ArrayBuffer[]> => {
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const staging = idle.pop() ?? create(`${label} readback`, end, MAP_READ | COPY_DST);
    let taken: Promise<void>;
    try {
      taken = submit((encoder) => {
        for (const { buffer, offset, start, end } of copies) {
          encoder.copyBufferToBuffer(buffer, offset, staging, start, end - start);
        }
      });
    } catch (error) {
      idle.push(staging);
      throw error;
    }
    // What the GPU refused to write is the result of the run before.
    const mapping = session.waitFor(staging.mapAsync(GPUMapMode.READ));
    await Promise.allSettled([mapping, taken]);
    await mapping;
    try {
      await taken;
      const mapped = staging.getMappedRange();
      return copies.map(({ start, size }) => mapped.slice(start, start + size));
    } finally {
      staging.unmap();
      idle.push(staging);
    }
  };
}

/** Submits these dispatches, and reads the range that they fill. */
export async function readOnce(
  session: Session,
  label: string,
  dispatches: readonly Dispatch[],
  range: Required<GPUBufferBinding>,
): Promise<ArrayBuffer> {
  const owned = session.own();
  try {
    const [data] = await createReadback(owned, label, [range])((copy) =>
      session.submit(() => {
        const encoder = session.device.createCommandEncoder({ label });
        record(encoder, label, [dispatches]);
        copy(encoder);
        return [encoder.finish()];
      }),
    );
    return data as ArrayBuffer;
  } finally {
    owned.destroy();
  }
}
