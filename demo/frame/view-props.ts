import type { ComponentChildren } from 'preact';
import type { Classifying } from '../network/classification.ts';
import type { DeviceState } from '../network/device.ts';
import type { NetworkChoice } from '../network/network-choice.ts';
import type { Enqueue } from '../network/queue.ts';
import type { PictureChoice } from '../picture/picture-choice.ts';

/** What the views share. It outlives them: another view has the same device, network and picture. */
export interface ViewProps {
  readonly state: DeviceState;
  /** The page's one device while it can be used. Never to be destroyed by a view. */
  readonly device: GPUDevice | undefined;
  /** All work on the device goes through here, one piece at a time, or times overlap. */
  readonly enqueue: Enqueue;
  /** `networks.running` is the network on the device, `networks.offers` are all that the page knows. */
  readonly networks: NetworkChoice;
  /** `pictures.picture` is the picture that was chosen last. */
  readonly pictures: PictureChoice;
  /** What the running network makes of the picture, while the first view shows it. */
  readonly classifying: Classifying;
  /** For the first view, which shows it where it has room: that there is no device, and what helps. */
  readonly noDevice: ComponentChildren;
}
