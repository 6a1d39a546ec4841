import type { Network } from 'linnet';
import type { ComponentProps } from 'preact';
import type { Enqueue } from '../network/queue.ts';
import { Problem } from '../shared/problem.tsx';
import type { Inside } from './inside.ts';
import { useComputedMaps } from './map-source.ts';
import { MapsView } from './maps-view.tsx';

interface Props extends Omit<ComponentProps<typeof MapsView>, 'plan' | 'source'> {
  device: GPUDevice;
  enqueue: Enqueue;
  network: Network;
  inside: Inside;
  picture: ImageBitmap;
}

/** The maps of the network that runs. */
export function ComputedMaps({ device, enqueue, network, inside, picture, ...props }: Props) {
  const { source, error } = useComputedMaps(device, enqueue, network, inside, picture, props.changes);
  return (
    <>
      {error !== undefined && <Problem error={error} />}
      <MapsView {...props} plan={network.plan} source={source} />
    </>
  );
}
