// The networks of the tests and the benches.
import { mobileNetV1, mobileNetV2, mobileNetV3, resNet, resNeXt } from '../architectures/index.ts';
import { type Architecture, architecture } from '../engine/graph.ts';

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
};

/** The network as a classifier runs it: probabilities instead of logits. */
function withSoftmax({ name, build }: Architecture): Architecture {
  return architecture(name, (g) => {
    const addOutput = g.output.bind(g);
    g.output = (output, value) => addOutput(output === 'logits' ? 'probabilities' : output, g.softmax(value));
    build(g);
  });
}
