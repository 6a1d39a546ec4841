export { type MobileNetV1Options, mobileNetV1 } from './mobilenet-v1.ts';
export { type MobileNetV2Options, mobileNetV2 } from './mobilenet-v2.ts';
export { type MobileNetV3Options, mobileNetV3 } from './mobilenet-v3.ts';
export { type ResNetOptions, resNet } from './resnet.ts';
export { type ResNeXtOptions, resNeXt } from './resnext.ts';
