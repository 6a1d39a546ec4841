/** What torchvision publishes of the weights that it calls IMAGENET1K_V1: https://docs.pytorch.org/vision/stable/models.html. */
export interface Published {
  readonly family: 'DenseNet' | 'ResNet';
  readonly depth: number;
  readonly parameters: number;
  /** Top-1 on ImageNet's validation pictures, one central crop; from 0 to 1. */
  readonly top1: number;
}

export const DENSENETS: readonly Published[] = [
  { family: 'DenseNet', depth: 121, parameters: 7_978_856, top1: 0.74434 },
  { family: 'DenseNet', depth: 169, parameters: 14_149_480, top1: 0.756 },
  { family: 'DenseNet', depth: 201, parameters: 20_013_928, top1: 0.76896 },
  { family: 'DenseNet', depth: 161, parameters: 28_681_000, top1: 0.77138 },
];

export const RESNETS: readonly Published[] = [
  { family: 'ResNet', depth: 18, parameters: 11_689_512, top1: 0.69758 },
  { family: 'ResNet', depth: 34, parameters: 21_797_672, top1: 0.73314 },
  { family: 'ResNet', depth: 50, parameters: 25_557_032, top1: 0.7613 },
  { family: 'ResNet', depth: 101, parameters: 44_549_160, top1: 0.77374 },
  { family: 'ResNet', depth: 152, parameters: 60_192_808, top1: 0.78312 },
];
