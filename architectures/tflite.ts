import { ModelError } from '../engine/common/errors.ts';
import type { OpenedNetwork } from './import/open.ts';

export async function openTflite(..._: unknown[]): Promise<OpenedNetwork> {
  throw new ModelError('Not there yet.');
}
