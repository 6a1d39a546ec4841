// The networks of the tests and the benches.
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
} from '../architectures/index.ts';
import { type Architecture, architecture } from '../engine/graph/builder.ts';

/** Those whose plans are kept in tests/plans/ and bench/plans.json. */
export const networks: Readonly<Record<string, Architecture>> = {
  'mobilenet-v1': withSoftmax(mobileNetV1()),
  'mobilenet-v1-0.25': withSoftmax(mobileNetV1({ alpha: 0.25 })),
  'mobilenet-v2': withSoftmax(mobileNetV2()),
  'mobilenet-v3-large': withSoftmax(mobileNetV3()),
  'mobilenet-v3-small': withSoftmax(mobileNetV3({ variant: 'small' })),
  'resnet-18': withSoftmax(resNet({ depth: 18 })),
  'resnet-50': withSoftmax(resNet()),
  'resnext-50': withSoftmax(resNeXt()),
  'densenet-121': withSoftmax(denseNet()),
  googlenet: withSoftmax(googLeNet()),
  'vgg-16': withSoftmax(vgg()),
  alexnet: withSoftmax(alexNet()),
  unet: uNet(),
  'unet-64': uNet({ features: 64 }),
  'unet-paper': uNet({ variant: 'paper' }),
};

/** Those whose outputs torchvision has computed (tests/goldens/). */
export const goldens: Readonly<Record<string, Architecture>> = {
  mobilenet_v1: mobileNetV1(),
  mobilenet_v1_025: mobileNetV1({ alpha: 0.25, inputSize: [128, 160] }),
  mobilenet_v2: mobileNetV2(),
  mobilenet_v3_small: mobileNetV3({ variant: 'small' }),
  mobilenet_v3_large: mobileNetV3({ inputSize: [160, 192] }),
  resnet18: resNet({ depth: 18 }),
  resnet50: resNet({ inputSize: [128, 160] }),
  resnext50_32x4d: resNeXt(),
  densenet121: denseNet(),
  googlenet: googLeNet({ inputSize: [160, 128] }),
  vgg11: vgg({ depth: 11, inputSize: [64, 96] }),
  vgg16_bn: vgg({ batchNorm: true, inputSize: [64, 64] }),
  alexnet: alexNet(),
  unet: uNet({ inputSize: [96, 128] }),
  unet_paper: uNet({ variant: 'paper', features: 16, inputSize: [188, 204] }),
};

/** The network as a classifier runs it: probabilities instead of logits. */
function withSoftmax({ name, build }: Architecture): Architecture {
  return architecture(name, (g) => {
    const addOutput = g.output.bind(g);
    g.output = (output, value) => addOutput(output === 'logits' ? 'probabilities' : output, g.softmax(value));
    build(g);
  });
}
