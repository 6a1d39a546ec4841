import type { Network } from 'linnet';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { cornerOf, createFeatureMaps, type FeatureMaps, type Grid, gridSize } from '../network/feature-maps.ts';
import type { Layer } from '../network/layers-of.ts';
import type { Enqueue } from '../network/queue.ts';
import type { Beforehand } from './beforehand.ts';
import { paint } from './colours.ts';
import type { Change, Inside } from './inside.ts';
import type { MapLayout } from './map-layout.ts';
import { rangeOf } from './numbers.ts';

/** Channels of a layer that are to be seen, and where. */
export interface Wanted {
  readonly layer: number;
  readonly layout: MapLayout;
  readonly grid: Grid;
  canvas(): HTMLCanvasElement | null;
  isStale(): boolean;
  /** Called once they are on the canvas, which may be before their numbers are known. */
  onDrawn(): void;
}

/** Where the maps of layers come from. */
export interface MapSource {
  /** Draws channels side by side, and gives their numbers, one channel after another; nothing where they are stale. */
  draw(wanted: Wanted): Promise<Float32Array | undefined>;
  /** Draws one of the channels that were drawn last. */
  enlarge(canvas: HTMLCanvasElement, channel: number): void;
}

function useFeatureMaps(device: GPUDevice) {
  const [maps, setMaps] = useState<FeatureMaps>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    let gone = false;
    let made: FeatureMaps | undefined;
    createFeatureMaps(device, 'viridis').then((created) => {
      made = created;
      if (gone) created.destroy();
      else setMaps(created);
    }, setError);
    return () => {
      gone = true;
      setMaps(undefined);
      made?.destroy();
    };
  }, [device]);
  return { maps, error };
}

/**
 * The layers of the network that runs.
 *
 * A value does not outlive the kernels that need it, so the network runs only as far as the kernel that writes it: what is
 * drawn are the numbers of the plan's own kernel, fused and placed as it is, and no memory is added. Keeping every value
 * (a plan without reuse) would take several times the memory, and another plan with the value as an output is another
 * plan: what is fused there may not be what runs here. The numbers of what is drawn are read back for who points at them.
 */
export function useComputedMaps(
  device: GPUDevice,
  enqueue: Enqueue,
  network: Network,
  inside: Inside,
  picture: ImageBitmap,
  changes: readonly Change[],
): { source: MapSource | undefined; error: unknown } {
  const { maps, error } = useFeatureMaps(device);
  const source = useMemo(
    (): MapSource | undefined =>
      maps && {
        draw: ({ layer, layout, grid, canvas, isStale, onDrawn }) =>
          enqueue(async () => {
            const target = canvas();
            if (isStale() || !target || network.device !== device) return undefined;
            return inside.maps(picture, changes, layer, grid, (elements) => {
              maps.draw(target, elements, layout, grid);
              onDrawn();
            });
          }),
        enlarge: (canvas, channel) => maps.enlarge(canvas, channel),
      },
    [maps, device, enqueue, network, inside, picture, changes],
  );
  return { source, error };
}

/** The layers of the network that ran beforehand, drawn without a GPU. */
export function storedMaps({ maps }: Beforehand, layers: readonly Layer[]): MapSource {
  let drawn: { readonly from: HTMLCanvasElement; readonly layout: MapLayout; readonly grid: Grid } | undefined;
  return {
    async draw({ layer, layout, grid, canvas, onDrawn }) {
      const all = maps.get(layers[layer]?.name ?? '');
      const from = canvas();
      if (!all || !from) return undefined;
      const pixels = layout.width * layout.height;
      const values = all.subarray(grid.start * pixels, (grid.start + grid.count) * pixels);
      const size = gridSize(layout, grid);
      Object.assign(from, size);
      const picture = new ImageData(size.width, size.height);
      for (let index = 0; index < grid.count; index++) {
        const map = values.subarray(index * pixels, (index + 1) * pixels);
        // Single numbers share one scale.
        paint(picture, cornerOf(layout, grid, index), layout, map, rangeOf(pixels === 1 ? all : map));
      }
      from.getContext('2d')?.putImageData(picture, 0, 0);
      drawn = { from, layout, grid };
      onDrawn();
      return values;
    },
    enlarge(canvas, channel) {
      if (!drawn) return;
      const { from, layout, grid } = drawn;
      const { width, height } = layout;
      const { x, y } = cornerOf(layout, grid, channel);
      Object.assign(canvas, { width, height });
      canvas.getContext('2d')?.drawImage(from, x, y, width, height, 0, 0, width, height);
    },
  };
}
