/**
 * Checkpoints of timm (https://github.com/huggingface/pytorch-image-models), whose MobileNets share one scheme of names:
 * `conv_stem`, `blocks.<stage>.<block>.<layer>`, `conv_head`, `classifier`, and batch norms counted within each scope. Its
 * VGGs have convolutions over the whole map as dense layers; ResNets, ResNeXts and DenseNets have the names used here.
 */
import { renameWeights, type Weights } from '../engine/weights/weights.ts';

/** timm's name of a module, which is a tensor's name without its last part, and the name here. */
type Rename = readonly [timm: string, ours: string];

/** One of timm's blocks, `blocks.2.0` say, with the layers that it has, in the order in which they run. */
interface Block {
  readonly scope: string;
  readonly layers: readonly string[];
}

const RENAMES: Readonly<Record<string, (blocks: readonly Block[]) => Rename[]>> = {
  mobileNetV1: (blocks) => [
    ['conv_stem', 'conv1'],
    ['bn1', 'conv1_bn'],
    ...blocks.flatMap(({ scope }, index): Rename[] => [
      [`${scope}.conv_dw`, `conv_dw_${index + 1}`],
      [`${scope}.bn1`, `conv_dw_${index + 1}_bn`],
      [`${scope}.conv_pw`, `conv_pw_${index + 1}`],
      [`${scope}.bn2`, `conv_pw_${index + 1}_bn`],
    ]),
    ['classifier', 'conv_preds'],
  ],
  mobileNetV2: (blocks) => [
    ['conv_stem', 'features.0.0'],
    ['bn1', 'features.0.1'],
    ...blocks.flatMap(({ scope, layers }, index) => mobileNetV2Block(scope, layers, `features.${index + 1}.conv`)),
    ['conv_head', `features.${blocks.length + 1}.0`],
    ['bn2', `features.${blocks.length + 1}.1`],
    ['classifier', 'classifier.1'],
  ],
  mobileNetV3: (blocks) => [
    ['conv_stem', 'features.0.0'],
    ['bn1', 'features.0.1'],
    ...blocks.flatMap(({ scope, layers }, index) => mobileNetV3Block(scope, layers, `features.${index + 1}`)),
    ['conv_head', 'classifier.0'],
    ['classifier', 'classifier.3'],
  ],
  vgg: () => [
    ['pre_logits.fc1', 'classifier.0'],
    ['pre_logits.fc2', 'classifier.3'],
    ['head.fc', 'classifier.6'],
  ],
};

function mobileNetV2Block(scope: string, layers: readonly string[], ours: string): Rename[] {
  return layers.flatMap((layer, index): Rename[] => {
    const isProjection = index === layers.length - 1;
    return [
      [`${scope}.${layer}`, isProjection ? `${ours}.${index}` : `${ours}.${index}.0`],
      [`${scope}.bn${index + 1}`, isProjection ? `${ours}.${index + 1}` : `${ours}.${index}.1`],
    ];
  });
}

function mobileNetV3Block(scope: string, layers: readonly string[], ours: string): Rename[] {
  const norms = layers.filter((layer) => layer !== 'se');
  return layers.flatMap((layer, index): Rename[] => {
    if (layer === 'se') {
      return [
        [`${scope}.se.conv_reduce`, `${ours}.block.${index}.fc1`],
        [`${scope}.se.conv_expand`, `${ours}.block.${index}.fc2`],
      ];
    }
    // The last block is the plain convolution before the pooling.
    const module = layer === 'conv' ? ours : `${ours}.block.${index}`;
    return [
      [`${scope}.${layer}`, `${module}.0`],
      [`${scope}.bn${norms.indexOf(layer) + 1}`, `${module}.1`],
    ];
  });
}

/** The layers of a block with an expansion, and of one without: there `conv_pw` is the projection. */
const WITH_EXPANSION = ['conv_pw', 'conv_dw', 'se', 'conv_pwl'];
const WITHOUT_EXPANSION = ['conv', 'conv_dw', 'se', 'conv_pw'];

function blocksOf(names: Iterable<string>): Block[] {
  const found = new Map<string, { place: [number, number]; layers: Set<string> }>();
  for (const name of names) {
    const [, scope, stage, block, layer] = name.match(/^(blocks\.(\d+)\.(\d+))\.(conv|conv_dw|conv_pwl?|se)\./) ?? [];
    if (scope === undefined || layer === undefined) continue;
    const { layers } = found.get(scope) ?? { layers: new Set() };
    found.set(scope, { place: [Number(stage), Number(block)], layers: layers.add(layer) });
  }
  const inOrder = [...found].sort(([, { place: a }], [, { place: b }]) => a[0] - b[0] || a[1] - b[1]);
  return inOrder.map(([scope, { layers }]) => {
    const order = layers.has('conv_pwl') ? WITH_EXPANSION : WITHOUT_EXPANSION;
    return { scope, layers: order.filter((layer) => layers.has(layer)) };
  });
}

/**
 * timm's weights under the names that the architecture (`mobileNetV1`, ...) expects. Names that the scheme does not know
 * stay as they are; architectures whose names agree need no scheme.
 */
export function fromTimm(architecture: string, weights: Weights): Weights {
  const names = [...weights.shapes.keys()];
  const renames = new Map(RENAMES[architecture]?.(blocksOf(names)));
  return renameWeights(weights, (name) => {
    const end = name.lastIndexOf('.');
    const module = renames.get(name.slice(0, end));
    return module === undefined ? name : module + name.slice(end);
  });
}
