// Maps as the demo stores them for visitors without a GPU, and how far they are from those that the engine computes.
import { LEVELS, numbersOf, type StoredMaps } from '../demo/layers/stored-maps.ts';

export interface ComputedMaps {
  name: string;
  channels: number;
  values: Float32Array;
}

export const rounded = (value: number) => Number(value.toPrecision(5));

export function store({ name, channels, values }: ComputedMaps): StoredMaps {
  const pixels = values.length / channels;
  const levels = new Uint8Array(values.length);
  const ranges = Array.from({ length: channels }, (_, channel) => {
    const map = values.subarray(channel * pixels, (channel + 1) * pixels);
    const [least, most] = [rounded(Math.min(...map)), rounded(Math.max(...map))] as const;
    for (const [pixel, value] of map.entries()) {
      levels[channel * pixels + pixel] = most > least ? Math.round(((value - least) / (most - least)) * LEVELS) : 0;
    }
    return [least, most] as const;
  });
  return { name, ranges, levels: Buffer.from(levels).toString('base64') };
}

/** Those that are stored as other numbers than the engine has, and where. */
export function farOff(stored: readonly StoredMaps[], maps: readonly ComputedMaps[]): string[] {
  return maps.flatMap(({ name, channels, values }, layer) => {
    const { ranges } = stored[layer]!;
    const numbers = numbersOf(stored[layer]!);
    if (ranges.length !== channels || numbers.length !== values.length) return [`${name}: another size`];
    const pixels = values.length / channels;
    const far = values.findIndex((value, index) => {
      const [least, most] = ranges[Math.floor(index / pixels)]!;
      // Half a step, and what another adapter may be away.
      const off = (0.5 * (most - least)) / LEVELS + 1e-4 * Math.max(1, Math.abs(least), Math.abs(most));
      return !(Math.abs(value - numbers[index]!) <= off);
    });
    return far < 0 ? [] : [`${name} at ${far}: ${numbers[far]} instead of ${values[far]}`];
  });
}
