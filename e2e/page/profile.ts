import { architecture, compile, type Network, type Profile, type ProfileOptions, weightsFrom } from 'linnet';
import { seededTensor, uniform } from '../../tests/seeded.ts';
import { sameBits } from './compare.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { track } from './track.ts';

/** The same convolution on a map and on one of a 25th of its pixels. */
function twoMaps(): Parameters<typeof compile> {
  const shapes = { 'large.weight': [16, 16, 3, 3], 'small.weight': [16, 16, 3, 3] } as const;
  const network = architecture('two maps', (g) => {
    const conv2d = (name: 'large' | 'small', input: ReturnType<typeof g.input>) =>
      g.conv2d(input, g.tensor(`${name}.weight`, shapes[`${name}.weight`]), { padding: 1 });
    const large = conv2d('large', g.input('image', [1, 16, 100, 100]));
    g.output('map', conv2d('small', g.averagePool2d(large, { windowDimensions: 5, strides: 5 })));
  });
  const tensors = Object.entries(shapes).map(([name, shape]) => [
    name,
    { shape, data: seededTensor('two maps', name, shape) },
  ]);
  return [network, { weights: weightsFrom(Object.fromEntries(tensors)) }];
}

const compileOn = (device: GPUDevice): Promise<Network> => {
  const [network, options] = twoMaps();
  return compile(network, { ...options, device });
};

/** A device with timestamps or without, and `undefined` where there are none. */
async function deviceWith(timestamps: boolean): Promise<GPUDevice | undefined> {
  const adapter = (await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel })) as GPUAdapter;
  if (timestamps && !adapter.features.has('timestamp-query')) return undefined;
  return adapter.requestDevice({ requiredFeatures: timestamps ? ['timestamp-query'] : [] });
}

const image = Float32Array.from(uniform('two maps', 16 * 100 * 100));

/** A network's profile, what a run gives before and after it, and what it leaves on the device. */
export async function profileTwoMaps(_: GPUDevice, { timestamps }: { timestamps: boolean }) {
  const device = await deviceWith(timestamps);
  if (!device) return undefined;
  const network = await compileOn(device);
  const before = (await network.run({ image })).map!.data;
  const tracker = track(device);
  const { kernels, network: whole } = await network.profile({ rounds: 3 });
  const timestampsUsed = tracker.made() > 0;
  const left = tracker.alive();
  tracker.stop();
  const after = (await network.run({ image })).map!.data;
  const names = network.plan.kernels.map(({ name }) => name);
  network.destroy();
  device.destroy();
  return {
    times: Object.fromEntries(names.map((name, index) => [name, kernels[index]!])),
    count: kernels.length,
    whole,
    timestampsUsed,
    same: sameBits(before, after),
    left,
  };
}

/** How profiles end that cannot come to their end, and what they leave. */
export async function endedProfiles(_: GPUDevice) {
  const device = (await deviceWith(false)) as GPUDevice;
  const network = await compileOn(device);
  const tracker = track(device);
  const soon = (work: () => void) => void setTimeout(work, 30);
  const profile = (options?: object): Promise<Profile> =>
    network.profile({ rounds: 1000, ...options } as ProfileOptions);
  const results: Record<string, string> = {};
  const controller = new AbortController();
  results['aborted before'] = await outcome(profile({ signal: AbortSignal.abort('changed my mind') }));
  soon(() => controller.abort('took too long'));
  results.aborted = await outcome(profile({ signal: controller.signal }));
  results['no rounds'] = await outcome(profile({ rounds: 0 }));
  results.misspelt = await outcome(profile({ round: 3 }));
  const left = tracker.alive();
  tracker.stop();
  soon(() => network.destroy());
  results.destroyed = await outcome(profile());
  const next = await compileOn(device);
  soon(() => device.destroy());
  results.lost = await outcome(next.profile({ rounds: 1000 }));
  results['lost before'] = await outcome(next.profile());
  return { results, left };
}
