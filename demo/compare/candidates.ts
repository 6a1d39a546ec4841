import type { Architecture } from 'linnet';
import {
  alexNet,
  denseNet,
  googLeNet,
  mobileNetV1,
  mobileNetV2,
  mobileNetV3,
  resNet,
  resNeXt,
  uNet,
  vgg,
} from 'linnet/architectures';

export interface Published {
  /** Top-1 on the validation pictures of ImageNet, from 0 to 1. */
  readonly top1: number;
  readonly by: 'torchvision' | 'paper';
  readonly source: string;
}

export interface Candidate {
  readonly id: string;
  /** As the paper writes it. */
  readonly name: string;
  readonly architecture: Architecture;
  /** Of a classifier; nothing where no source is known. */
  readonly published?: Published;
  readonly family: 'separable' | 'full' | 'segmenter';
  /** Where the name stands beside the point of a figure, so that it does not cover another. */
  readonly label: 'left' | 'right' | 'above' | 'below';
}

/** Of the weights that torchvision calls IMAGENET1K_V1: its first ones, trained as the papers did or simpler. */
const torchvision = (model: string, percent: number): Published => ({
  top1: percent / 100,
  by: 'torchvision',
  source: `https://docs.pytorch.org/vision/stable/models/generated/torchvision.models.${model}.html`,
});

/** Every architecture at its own defaults: classifiers of 1000 classes at 224 x 224, and U-Net at 256 x 256. */
export const CANDIDATES: readonly Candidate[] = [
  {
    id: 'mobilenet-v3-small',
    name: 'MobileNet v3 small',
    architecture: mobileNetV3({ variant: 'small' }),
    published: torchvision('mobilenet_v3_small', 67.668),
    family: 'separable',
    label: 'below',
  },
  {
    id: 'mobilenet-v3-large',
    name: 'MobileNet v3 large',
    architecture: mobileNetV3(),
    published: torchvision('mobilenet_v3_large', 74.042),
    family: 'separable',
    label: 'above',
  },
  {
    id: 'mobilenet-v2',
    name: 'MobileNet v2',
    architecture: mobileNetV2(),
    published: torchvision('mobilenet_v2', 71.878),
    family: 'separable',
    label: 'left',
  },
  {
    id: 'mobilenet-v1',
    name: 'MobileNet v1',
    architecture: mobileNetV1(),
    // Table 8; torchvision has no MobileNet v1.
    published: { top1: 0.706, by: 'paper', source: 'https://arxiv.org/abs/1704.04861' },
    family: 'separable',
    label: 'left',
  },
  {
    id: 'alexnet',
    name: 'AlexNet',
    architecture: alexNet(),
    published: torchvision('alexnet', 56.522),
    family: 'full',
    label: 'right',
  },
  {
    id: 'googlenet',
    name: 'GoogLeNet',
    architecture: googLeNet(),
    published: torchvision('googlenet', 69.778),
    family: 'full',
    label: 'below',
  },
  {
    id: 'resnet-18',
    name: 'ResNet-18',
    architecture: resNet({ depth: 18 }),
    published: torchvision('resnet18', 69.758),
    family: 'full',
    label: 'right',
  },
  {
    id: 'densenet-121',
    name: 'DenseNet-121',
    architecture: denseNet(),
    published: torchvision('densenet121', 74.434),
    family: 'full',
    label: 'right',
  },
  {
    id: 'resnet-50',
    name: 'ResNet-50',
    architecture: resNet(),
    published: torchvision('resnet50', 76.13),
    family: 'full',
    label: 'right',
  },
  {
    id: 'resnext-50',
    name: 'ResNeXt-50 32x4d',
    architecture: resNeXt(),
    published: torchvision('resnext50_32x4d', 77.618),
    family: 'full',
    label: 'above',
  },
  {
    id: 'vgg-16',
    name: 'VGG-16',
    architecture: vgg(),
    published: torchvision('vgg16', 71.592),
    family: 'full',
    label: 'above',
  },
  { id: 'u-net', name: 'U-Net 256', architecture: uNet(), family: 'segmenter', label: 'right' },
];
