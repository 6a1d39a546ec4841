import type { Plan } from 'linnet';
import type { Grid, Maps } from '../network/feature-maps.ts';
import type { Layer } from '../network/layers-of.ts';

/** The maps that a layer writes, and how many are shown at once. */
export interface MapLayout extends Maps {
  readonly perPage: number;
  readonly pages: number;
}

/** More maps than these are not told apart at a glance; of single numbers more are. */
const MAPS = 64;
const NUMBERS = 1024;
/** The side of a texture that every device has, in compatibility mode too. */
const LARGEST = 4096;

export function mapLayout(plan: Plan, { kind, output }: Layer): MapLayout {
  const [, all = 1, height = 1, width = 1] = plan.values[output.value]?.shape ?? [];
  const [first, channels] = output.channels ?? [0, all];
  const isResult = Object.values(plan.outputs).some(({ value }) => value === output.value);
  const fitting = Math.max(1, Math.floor(LARGEST / (Math.max(width, height) + gapOf(width, height)))) ** 2;
  const perPage = Math.min(fitting, width * height === 1 ? NUMBERS : MAPS);
  return {
    first,
    channels,
    height,
    width,
    ...(kind === 'repack' && isResult
      ? { lanes: 1, elementType: 'float32' }
      : { lanes: 4, elementType: plan.elementType }),
    perPage,
    pages: Math.ceil(channels / perPage),
  };
}

/** The maps of one page. */
export function gridOf({ channels, width, height, perPage }: MapLayout, page: number): Grid {
  const start = page * perPage;
  const count = Math.min(perPage, channels - start);
  return { start, count, columns: Math.ceil(Math.sqrt(count)), gap: gapOf(width, height) };
}

/** Single numbers stand close together; between maps there is a line that is seen. */
const gapOf = (width: number, height: number) => (width * height === 1 ? 0 : Math.max(1, Math.round(width / 16)));

/** The channel of the page under a pixel of the grid. */
export function channelAt(layout: MapLayout, grid: Grid, x: number, y: number): number | undefined {
  const column = Math.floor(x / (layout.width + grid.gap));
  const row = Math.floor(y / (layout.height + grid.gap));
  const channel = row * grid.columns + column;
  const inside = column >= 0 && column < grid.columns && row >= 0 && channel < grid.count;
  return inside ? channel : undefined;
}
