import type { Plan } from 'linnet';

/** How the maps of what a kernel writes are laid out as a picture. */
export interface MapLayout {
  /** Of the planned value: the channels that this kernel writes, and all. */
  readonly first: number;
  readonly channels: number;
  readonly all: number;
  readonly height: number;
  readonly width: number;
  /** Channels that lie side by side in memory: 4 in slices, 1 in a result for the caller. */
  readonly lanes: 4 | 1;
  readonly perPage: number;
  readonly pages: number;
}

/** More maps than these are not told apart at a glance; of single numbers more are. */
const MAPS = 64;
const NUMBERS = 1024;
/** The side of a texture that every device has, in compatibility mode too. */
const LARGEST = 4096;

/** Throws if the plan has no such kernel. */
export function mapLayout(plan: Plan, kernel: number): MapLayout {
  const planned = plan.kernels[kernel];
  const binding = planned?.bindings.find(({ name }) => name === 'output');
  if (!planned || !binding || !('value' in binding)) throw new RangeError(`There is no kernel ${kernel}.`);
  const [, all = 1, height = 1, width = 1] = plan.values[binding.value]?.shape ?? [];
  const [first, channels] = binding.channels ?? [0, all];
  const isResult = Object.values(plan.outputs).some(({ value }) => value === binding.value);
  const fitting = Math.max(1, Math.floor(LARGEST / (Math.max(width, height) + gapOf(width, height)))) ** 2;
  const perPage = Math.min(fitting, width * height === 1 ? NUMBERS : MAPS);
  return {
    first,
    channels,
    all,
    height,
    width,
    lanes: planned.kind === 'repack' && isResult ? 1 : 4,
    perPage,
    pages: Math.ceil(channels / perPage),
  };
}

/** The maps of one page as a grid, in pixels of the maps. */
export interface Grid {
  /** The first channel of the page, counted from the first that the kernel writes, and how many there are. */
  readonly start: number;
  readonly count: number;
  readonly columns: number;
  readonly gap: number;
  readonly width: number;
  readonly height: number;
}

export function gridOf({ channels, width, height, perPage }: MapLayout, page: number): Grid {
  const start = page * perPage;
  const count = Math.min(perPage, channels - start);
  const columns = Math.ceil(Math.sqrt(count));
  const rows = Math.ceil(count / columns);
  const gap = gapOf(width, height);
  const along = (number: number, size: number) => number * (size + gap) - gap;
  return { start, count, columns, gap, width: along(columns, width), height: along(rows, height) };
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
