// A network that torchvision exports as an ONNX file runs as the handwritten one: no kernel more, no byte more.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { openOnnx } from '../architectures/onnx.ts';
import { planFor } from '../engine/compile.ts';
import type { MapShape } from '../engine/graph/graph.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { planned } from './networks.ts';

/** By the names of tests/onnx/, those of bench/plans.json. */
const TWINS = {
  mobilenet_v1: 'mobilenet-v1',
  mobilenet_v2: 'mobilenet-v2',
  mobilenet_v2_bn: 'mobilenet-v2',
  mobilenet_v3_large: 'mobilenet-v3-large',
  mobilenet_v3_small: 'mobilenet-v3-small',
  mobilenet_v3_small_11: 'mobilenet-v3-small',
  mobilenet_v3_small_17: 'mobilenet-v3-small',
  resnet18: 'resnet-18',
  resnet18_bn: 'resnet-18',
  resnet50: 'resnet-50',
  resnext50: 'resnext-50',
  densenet121: 'densenet-121',
  googlenet: 'googlenet',
  vgg16: 'vgg-16',
  alexnet: 'alexnet',
  unet: 'unet',
  unet_paper: 'unet-paper',
} as const;

for (const [twin, name] of Object.entries(TWINS)) {
  test(`${twin} from its ONNX file has the plan of ${name}`, async () => {
    const expected = planFor(planned[name]!);
    const [batch, , height, width] = expected.inputs.image!.shape as MapShape;
    const file = new File([readFileSync(new URL(`onnx/${twin}.onnx`, import.meta.url))], `${twin}.onnx`);
    const { architecture } = await openOnnx([file, unreadWeights()], { sizes: { batch, height, width } });
    const plan = planFor(architecture);
    expect(stepsOf(plan)).toEqual(stepsOf(expected));
    expect(bytesOf(plan)).toEqual(bytesOf(expected));
  });
}

/**
 * In the place of the weights, which a plan does not look at: zeros, as many as the weights of VGG-16 have bytes. The system gives
 * them no memory until somebody reads them.
 */
function unreadWeights(): File {
  const stream = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(4 * 138_357_544));
        controller.close();
      },
    });
  return Object.assign(new File([], 'weights.bin'), { stream });
}

/** What the GPU does, a line for each dispatch: all but names, and which tensors are packed. */
const stepsOf = ({ kernels }: Plan) =>
  kernels.map(({ kind, shader, workgroups, params, macs, bytesRead, bytesWritten }) =>
    [
      `${kind} ${createHash('sha256').update(shader).digest('hex').slice(0, 8)} in ${workgroups.join(' x ')}`,
      `${macs} multiply-accumulates, ${bytesRead} bytes read, ${bytesWritten} written`,
      params.map(({ name, value }) => `${name} ${value}`).join(', '),
    ].join('; '),
  );

/** What it holds. */
const bytesOf = ({ arenas, weightBuffers, values, weights }: Plan) => ({
  arenas,
  weightBuffers,
  values: values.map(({ shape, bytes, arena, offset }) => ({ shape, bytes, arena, offset })),
  weights: weights.map(({ bytes, home }) => ({ bytes, home })),
});
