import { type Architecture, architecture, type Plan, type PlannedValue, type Value } from 'linnet';
import { layersOf } from '../network/layers-of.ts';

/** A level of the U: where the contracting path leaves it, and the expanding one; the same place at the bottom. */
export interface Level {
  readonly contracting: string;
  readonly expanding: string;
}

/** From the top; the last one is the bottleneck. Each is the name of an output that `withLevels` adds. */
export const LEVELS: readonly Level[] = [
  ...[1, 2, 3, 4].map((level) => ({ contracting: `encoder${level}`, expanding: `decoder${level}` })),
  { contracting: 'bottleneck', expanding: 'bottleneck' },
];

const secondConvolution = (scope: string) => `${scope}.${scope.replace(/^(enc|dec)oder(\d+)$/, '$1$2')}conv2`;

/** The input that says how much of a level's skip arrives. */
export const strengthName = (level: number) => `strength${level}`;

/**
 * A U-Net of torch.hub's names whose skips can be weakened: each is multiplied by an input of one number before the expanding
 * path reads it.
 */
export function withStrengths({ name, build }: Architecture, depth = 4): Architecture {
  return architecture(name, (g) => {
    const concat = g.concat.bind(g);
    // The expanding path joins the deepest skip first.
    let level = depth;
    g.concat = ([upsampled, skip]) => {
      const strength = g.input(strengthName(level--), [1, 1, 1, 1]);
      return concat([upsampled as Value, g.mul(skip as Value, strength)]);
    };
    build(g);
  });
}

/** A U-Net of torch.hub's names, with what each level holds at the end of a path as further outputs. */
export function withLevels({ name, build }: Architecture): Architecture {
  return architecture(name, (g) => {
    build(g);
    const { nodes } = g.finish();
    for (const scope of new Set(LEVELS.flatMap(({ contracting, expanding }) => [contracting, expanding]))) {
      const convolution = nodes.findIndex((node) => node.name === secondConvolution(scope));
      // Between the two lies the batch normalization.
      const relu = nodes.slice(convolution).find(({ op }) => op === 'activation');
      if (relu) g.output(scope, relu.output);
    }
  });
}

/** A skip as the plan has it: who writes which channels of the one tensor, and who reads all of them. */
export interface Skip {
  readonly skip: string;
  readonly skipChannels: readonly [first: number, count: number];
  readonly up: string;
  readonly upChannels: readonly [first: number, count: number];
  readonly reader: string;
  readonly channels: number;
  /** Of the skip's part. */
  readonly bytes: number;
  /** How many other values lie in the upsampled map's part while it waits. */
  readonly guests: number;
}

/** The skips of a U-Net's plan, from the top. */
export function skipsOf(plan: Plan): Skip[] {
  const { kernels, values } = plan;
  const layers = layersOf(plan);
  return values.flatMap((home, value): Skip[] => {
    const { shape, bytes } = home;
    const [skip, up] = layers.filter(({ output }) => output.value === value);
    const reader = kernels.find(({ bindings }) =>
      bindings.some((one) => 'value' in one && one.value === value && one.name === 'input' && !one.channels),
    );
    const [skipChannels, upChannels] = [skip?.output.channels, up?.output.channels];
    if (!skip || !up || !reader || !skipChannels || !upChannels) return [];
    const channels = shape[1] as number;
    const ofSkip = (bytes / channels) * skipChannels[1];
    const waiting = home.parts?.find(({ first }) => first === up.last);
    const begin = home.offset + (waiting?.offset ?? 0);
    const isGuest = ({ arena, offset, bytes: size, first, last }: PlannedValue) =>
      waiting &&
      arena === home.arena &&
      offset < begin + waiting.bytes &&
      begin < offset + size &&
      first > home.first &&
      last < waiting.first;
    return [
      {
        skip: skip.name,
        skipChannels,
        up: up.name,
        upChannels,
        reader: reader.name,
        channels,
        bytes: ofSkip,
        guests: values.filter(isGuest).length,
      },
    ];
  });
}
