// GPUs whose kernels are others than the software adapter's; they are run there all the same.
import type { Vendor } from './page/vendor.ts';

export const vendors: Readonly<Record<string, Vendor>> = {
  'Adreno 6xx': { vendor: 'qualcomm', architecture: 'adreno-6xx' },
  Adreno: { vendor: 'qualcomm', architecture: 'adreno-7xx' },
  Mali: { vendor: 'arm', architecture: 'valhall' },
  'a GPU that tells nothing': { vendor: '', architecture: '' },
  'a desktop GPU': { vendor: 'nvidia', architecture: 'hopper' },
};
