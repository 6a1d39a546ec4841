import { type Architecture, architecture, compile, weightsFrom } from 'linnet';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Enqueue } from '../network/queue.ts';
import { convolve, type Layer, type Maps } from './convolution-layer.ts';

/** A network of nothing but the layer, for maps of some size. */
export function layerArchitecture(layer: Layer, { height, width }: Pick<Maps, 'height' | 'width'>): Architecture {
  return architecture('convolution', (g) => {
    const { stride: strides, padding, dilation: dilations, groups, transposed } = layer;
    const input = g.input('image', [1, layer.inChannels, height, width]);
    const filter = g.tensor('weight', filterShape(layer));
    const options = { strides, padding, dilations, groups };
    g.output('maps', transposed ? g.convTranspose2d(input, filter, options) : g.conv2d(input, filter, options));
  });
}

export function filterShape({ kernel, groups, inChannels, outChannels, transposed }: Layer) {
  const [rows, columns] = transposed ? [inChannels, outChannels] : [outChannels, inChannels];
  return [rows, columns / groups, kernel, kernel] as const;
}

/** What a layer makes of maps, and who has computed it: the engine, in some milliseconds, or the few lines of this page. */
export interface Computed {
  readonly maps: Maps;
  /** From the numbers in the page to the results in the page; of the engine only. */
  readonly milliseconds?: number;
}

async function computeOnGpu(device: GPUDevice, layer: Layer, { values, ...size }: Maps): Promise<Required<Computed>> {
  const weights = weightsFrom({ weight: { shape: [...filterShape(layer)], data: [...layer.weights] } });
  const network = await compile(layerArchitecture(layer, size), { weights, device, tune: false });
  try {
    const start = performance.now();
    const { maps } = await network.run({ image: values });
    const milliseconds = performance.now() - start;
    const [, channels, height, width] = (maps as typeof maps & object).shape as [number, number, number, number];
    return { maps: { channels, height, width, values: (maps as typeof maps & object).data }, milliseconds };
  } finally {
    network.destroy();
  }
}

/** The maps of a layer: at once by the page, and by the engine as soon as that has them, where there is a device. */
export function useComputed(device: GPUDevice | undefined, enqueue: Enqueue, layer: Layer, input: Maps): Computed {
  const byPage = useMemo<Computed>(() => ({ maps: convolve(layer, input) }), [layer, input]);
  const [byEngine, setByEngine] = useState<{ of: Computed; computed: Computed }>();

  useEffect(() => {
    if (!device) return;
    let stale = false;
    const work = async () => {
      if (stale) return;
      const computed = await computeOnGpu(device, layer, input);
      if (!stale) setByEngine({ of: byPage, computed });
    };
    // What a device refuses, or loses, the page has computed already, and says so.
    enqueue(work).catch(() => {});
    return () => {
      stale = true;
    };
  }, [device, enqueue, layer, input, byPage]);

  return device && byEngine?.of === byPage ? byEngine.computed : byPage;
}
