import type { Network } from 'linnet';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cornerOf, createFeatureMaps, type FeatureMaps, type Grid, gridSize } from '../network/feature-maps.ts';
import type { Layer } from '../network/layers-of.ts';
import type { Enqueue } from '../network/queue.ts';
import { Problem } from '../shared/problem.tsx';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';
import { channelAt, gridOf, type MapLayout, mapLayout } from './map-layout.ts';

interface Props {
  device: GPUDevice;
  enqueue: Enqueue;
  network: Network;
  layer: Layer;
  picture: ImageBitmap;
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
 * What a layer writes for the picture, channel by channel, and one channel larger.
 *
 * A value does not outlive the kernels that need it, so the network runs only as far as the kernel that writes it: what is
 * drawn are the numbers of the plan's own kernel, fused and placed as it is, and no memory is added. Keeping every value
 * (a plan without reuse) would take several times the memory, and another plan with the value as an output is another
 * plan: what is fused there may not be what runs here.
 */
export function MapsView({ device, enqueue, network, layer, picture }: Props) {
  const words = useWords(bothLanguages).maps;
  const { maps, error } = useFeatureMaps(device);
  const [failure, setFailure] = useState<unknown>();
  const [page, setPage] = useState(0);
  const [picked, setPicked] = useState(0);
  const all = useRef<HTMLCanvasElement>(null);
  const one = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(0);
  const kernel = layer.last;
  const layout = mapLayout(network.plan, layer);
  const shown = Math.min(page, layout.pages - 1);
  const grid = gridOf(layout, shown);
  const channel = Math.min(picked, grid.count - 1);

  useEffect(() => {
    setPage(0);
    setPicked(0);
  }, [network, kernel]);

  useEffect(() => {
    if (!maps) return;
    let stale = false;
    setFailure(undefined);
    const draw = async () => {
      if (stale || !all.current || network.device !== device) return;
      const encoder = device.createCommandEncoder({ label: 'network, for feature maps' });
      const elements = network.encodeUntil(encoder, { image: picture }, kernel);
      device.queue.submit([encoder.finish()]);
      maps.draw(all.current, elements, layout, grid);
      setDrawn((count) => count + 1);
    };
    enqueue(draw).catch((reason) => {
      if (!stale) setFailure(reason);
    });
    return () => {
      stale = true;
    };
  }, [maps, device, enqueue, network, kernel, picture, shown]);

  useEffect(() => {
    if (drawn > 0 && one.current) maps?.enlarge(one.current, channel);
  }, [maps, drawn, channel]);

  const pickUnder = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const { width, height } = gridSize(layout, grid);
    const x = ((event.clientX - box.left) / box.width) * width;
    const y = ((event.clientY - box.top) / box.height) * height;
    const under = channelAt(layout, grid, x, y);
    if (under !== undefined) setPicked(under);
  };
  const pickByKey = (event: KeyboardEvent) => {
    const next = {
      ArrowRight: channel + 1,
      ArrowLeft: channel - 1,
      ArrowDown: channel + grid.columns,
      ArrowUp: channel - grid.columns,
      Home: 0,
      End: grid.count - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    if (next >= 0 && next < grid.count) setPicked(next);
  };

  const marked = markOf(layout, grid, channel);
  return (
    <div class="maps">
      {(error ?? failure) !== undefined && <Problem error={error ?? failure} />}
      <p class="quiet small">
        {words.count(layout.channels, layout.width, layout.height)}{' '}
        {layout.width * layout.height === 1 ? words.coloursTogether : words.colours(layout.channels)}
      </p>
      <div class="maps-pair">
        <figure>
          <div
            class="maps-all"
            role="application"
            aria-label={words.label}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it is interactive.
            tabIndex={0}
            onKeyDown={pickByKey}
            onPointerMove={pickUnder}
            onPointerDown={pickUnder}
          >
            <canvas ref={all} class="pixels" data-drawn={drawn} role="img" aria-label={words.all} />
            <span class="maps-mark" style={marked} />
          </div>
          {layout.pages > 1 && (
            <nav class="maps-pages" aria-label={words.pages}>
              <button type="button" disabled={shown === 0} onClick={() => setPage(shown - 1)}>
                {words.previous}
              </button>
              <span>{words.page(shown + 1, layout.pages)}</span>
              <button type="button" disabled={shown === layout.pages - 1} onClick={() => setPage(shown + 1)}>
                {words.next}
              </button>
            </nav>
          )}
        </figure>
        <figure class="maps-one">
          <canvas ref={one} class="pixels" role="img" aria-label={words.channel(grid.start + channel + 1)} />
          <figcaption aria-live="polite">{words.channel(grid.start + channel + 1)}</figcaption>
        </figure>
      </div>
      <div class="maps-scale" aria-hidden="true">
        <span>{words.least}</span>
        <span class="maps-colours" />
        <span>{words.most}</span>
      </div>
    </div>
  );
}

/** Where the picked map is in the picture, in percent. */
function markOf(layout: MapLayout, grid: Grid, channel: number) {
  const size = gridSize(layout, grid);
  const { x, y } = cornerOf(layout, grid, channel);
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return {
    left: percent(x, size.width),
    top: percent(y, size.height),
    width: percent(layout.width, size.width),
    height: percent(layout.height, size.height),
  };
}
