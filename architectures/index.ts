// The list of architectures: each function here is also what a card may name.
export { type AlexNetOptions, alexNet } from './alexnet.ts';
export { type DenseNetOptions, denseNet } from './densenet.ts';
export { type GoogLeNetOptions, googLeNet } from './googlenet.ts';
export { type MobileNetV1Options, mobileNetV1 } from './mobilenet-v1.ts';
export { type MobileNetV2Options, mobileNetV2 } from './mobilenet-v2.ts';
export { type MobileNetV3Options, mobileNetV3 } from './mobilenet-v3.ts';
export { type ResNetOptions, resNet } from './resnet.ts';
export { type ResNeXtOptions, resNeXt } from './resnext.ts';
export { type PaddedUNetOptions, type PaperUNetOptions, type UNetOptions, uNet } from './unet.ts';
export { type VGGOptions, vgg } from './vgg.ts';
