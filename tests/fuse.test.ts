// What becomes one kernel and what does not, on graphs small enough to draw.
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { basicArchitecture, buildGraph } from '../engine/architecture.ts';
import { fuse } from '../engine/graph/fuse.ts';
import { type Node, operandsOf, type Tensor, type Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';

/** The fused nodes, one line each: `op name(inputs) what was merged`; then the outputs. Values bear the names of their nodes. */
function fused(build: (g: Builder, image: Value) => void): string[] {
  const graph = buildGraph(architecture('test', (g) => build(extend(g), g.input('image', [1, CHANNELS, 5, 7]))));
  const { nodes, outputs } = fuse(graph);
  const names = new Map(graph.inputs.map(({ id, name }) => [id, name]));
  for (const { name, output } of nodes) names.set(output.id, name);
  const nameOf = ({ id }: Value) => names.get(id) ?? `? ${id}`;
  const line = (node: Node) => {
    const parts = [`${node.op} ${node.name}(${operandsOf(node).map(nameOf).join(', ')})`];
    if ('padding' in node && node.padding.some(Boolean)) parts.push(`padding ${node.padding.join(' ')}`);
    if ('countIncludePad' in node && node.countIncludePad) parts.push('counted');
    if ('filter' in node || node.op === 'standardize') {
      if (node.batchNormalization) parts.push(`norm ${node.batchNormalization.scale.name}`);
      if ('residual' in node && node.residual) parts.push(`residual ${nameOf(node.residual)}`);
    }
    if (node.op === 'conv2d' && node.prologue) {
      const { prologue } = node;
      if (prologue.kind === 'normalization') parts.push(`input norm ${prologue.batchNormalization.scale.name}`);
      else parts.push(`scale ${nameOf(prologue.factors)}`);
    }
    if (node.op !== 'activation' && 'activation' in node && node.activation) {
      const { activation } = node;
      parts.push(activation.kind, ...(activation.kind === 'function' ? [activation.name] : []));
    }
    return parts.join(' ');
  };
  return [...nodes.map(line), ...outputs.map(({ name, value, shape }) => `${name} = ${nameOf(value)} [${shape}]`)];
}

const CHANNELS = 6;

type Builder = ReturnType<typeof extend>;

function extend(g: GraphBuilder) {
  const vector = (name: string) => g.tensor(name, [CHANNELS]);
  return Object.assign(g, {
    conv: (name: string, input: Value, kernel = 3) =>
      g.conv2d(input, g.tensor(`${name}.weight`, [CHANNELS, CHANNELS, kernel, kernel]), {
        padding: kernel === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0],
      }),
    norm: (name: string, input: Value) =>
      g.batchNormalization(input, vector(`${name}.mean`), vector(`${name}.var`), {
        scale: vector(`${name}.weight`),
        bias: vector(`${name}.bias`),
      }),
  });
}

test('batch normalization and activation join the convolution before them', () => {
  const nodes = fused((g, image) => g.output('y', g.relu(g.norm('n', g.conv('a', image)))));
  expect(nodes).toEqual(['conv2d a(image) padding 1 1 1 1 norm n.weight clamp', 'y = a [1,6,5,7]']);
});

/** A transposed convolution that keeps height and width. */
const transpose = (g: Builder, name: string, input: Value, kernel = 3) =>
  g.convTranspose2d(input, g.tensor(`${name}.weight`, [CHANNELS, CHANNELS, kernel, kernel]), {
    padding: kernel === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0],
  });

test('batch normalization, a residual sum and an activation join a transposed convolution', () => {
  const nodes = fused((g, image) => g.output('y', g.relu(g.add(g.norm('n', transpose(g, 'a', image)), image))));
  expect(nodes).toEqual([
    'convTranspose2d a(image, image) padding 1 1 1 1 norm n.weight residual image clamp',
    'y = a [1,6,5,7]',
  ]);
});

test('padding and a factor for each channel stay before a transposed convolution', () => {
  const padded = fused((g, image) => g.output('y', transpose(g, 'a', g.pad(image, [1, 0, 0, 1]))));
  expect(padded.slice(0, 2)).toEqual(['pad pad.0(image) padding 1 0 0 1', 'convTranspose2d a(pad.0) padding 1 1 1 1']);
  const scaled = fused((g, image) => g.output('y', transpose(g, 'a', g.mul(image, g.averagePool2d(image)), 1)));
  expect(scaled.slice(1, 3)).toEqual(['mul mul.1(image, averagePool2d.0)', 'convTranspose2d a(mul.1)']);
});

test('an average counts the zeros that were put around the map, unless it has others that do not count', () => {
  const averaged = (options: object) =>
    fused((g, image) =>
      g.output('y', g.averagePool2d(g.pad(image, [1, 2, 0, 1]), { windowDimensions: 3, strides: 2, ...options })),
    );
  expect(averaged({})[0]).toBe('averagePool2d averagePool2d.1(image) padding 1 2 0 1 counted');
  expect(averaged({ padding: 1, countIncludePad: true })[0]).toBe(
    'averagePool2d averagePool2d.1(image) padding 2 3 1 2 counted',
  );
  expect(averaged({ padding: 1 }).slice(0, 2)).toEqual([
    'pad pad.0(image) padding 1 2 0 1',
    'averagePool2d averagePool2d.1(pad.0) padding 1 1 1 1',
  ]);
});

test('a scale, batch normalization and an activation join what standardizes along one kind of axes', () => {
  const scaled = fused((g, image) => {
    const scale = g.tensor('scale', [CHANNELS]);
    g.output('y', g.relu(g.instanceNormalization(image, { scale })));
    g.output('z', g.tanh(g.norm('n', g.layerNormalization(image, { axes: [1] }))));
  });
  expect(scaled.slice(0, 2)).toEqual([
    'standardize instanceNormalization.0(image) norm scale clamp',
    'standardize layerNormalization.3(image) norm n.weight function tanh',
  ]);
  const whole = fused((g, image) => g.output('y', g.layerNormalization(image)));
  expect(whole.map((line) => line.split(' ')[0]).slice(0, -1)).not.toContain('standardize');
});

test('nothing joins a resampling, and it is no residual of the convolution before it', () => {
  const nodes = fused((g, image) => {
    const x = g.resample2d(g.conv('a', image, 1), { sizes: [3, 4] });
    g.output('y', g.relu(g.norm('n', x)));
  });
  expect(nodes.slice(0, 3)).toEqual([
    'conv2d a(image)',
    'resample2d resample2d.1(a)',
    'batchNormalization n(resample2d.1) clamp',
  ]);
});

test('each activation joins', () => {
  for (const [activation, kind] of [
    ['relu', 'clamp'],
    ['clamp', 'clamp'],
    ['hardSwish', 'hardSwish'],
    ['hardSigmoid', 'function hardSigmoid'],
    ['sigmoid', 'sigmoid'],
  ] as const) {
    const nodes = fused((g, image) => g.output('y', g[activation](g.conv('a', image, 1))));
    expect(nodes[0]).toBe(`conv2d a(image) ${kind}`);
  }
});

test('each function joins, but what may be infinite beyond the last channel', () => {
  const functions = [
    'abs',
    'neg',
    'floor',
    'sin',
    'erf',
    'tanh',
    'gelu',
    'silu',
    'elu',
    'leakyRelu',
    'linear',
  ] as const;
  for (const name of functions) {
    const nodes = fused((g, image) => g.output('y', g[name](g.conv('a', image, 1))));
    expect(nodes[0]).toBe(`conv2d a(image) function ${name}`);
  }
  for (const name of ['exp', 'log', 'sqrt', 'reciprocal'] as const) {
    const nodes = fused((g, image) => g.output('y', g[name](g.conv('a', image, 1))));
    expect(nodes.slice(0, 2)).toEqual(['conv2d a(image)', `broadcast ${name}.1(a) function ${name}`]);
    const whole = fused((g, image) =>
      g.output('y', g[name](g.conv2d(image, g.tensor('a.weight', [8, CHANNELS, 1, 1])))),
    );
    expect(whole[0]).toBe(`conv2d a(image) function ${name}`);
  }
});

test('batch normalization that is spelled out joins as one', () => {
  const spelled = (add: (g: Builder, x: Value, vector: (name: string) => Tensor) => Value) =>
    fused((g, image) =>
      g.output(
        'y',
        add(g, g.conv('a', image, 1), (name) => g.tensor(name, [1, CHANNELS, 1, 1])),
      ),
    );
  expect(spelled((g, x, vector) => g.relu(g.add(g.mul(g.sub(x, vector('m')), vector('s')), vector('b'))))).toEqual([
    'conv2d a(image) norm s clamp',
    'y = a [1,6,5,7]',
  ]);
  expect(spelled((g, x, vector) => g.add(vector('b'), g.mul(vector('s'), x)))[0]).toBe('conv2d a(image) norm s');
  // What is added cannot be multiplied before it is known.
  const turned = spelled((g, x, vector) => g.mul(g.add(x, vector('b')), vector('s')));
  expect(turned.slice(0, 2)).toEqual(['conv2d a(image) norm 1 (6)', 'batchNormalization mul.2(a)']);
  const twice = spelled((g, x, vector) => {
    const product = g.mul(x, vector('s'));
    return g.add(g.add(product, vector('b')), product);
  });
  expect(twice.slice(0, 2)).toEqual(['conv2d a(image) norm s', 'batchNormalization add.2(a)']);
});

test('a bias joins the product of a matrix and a tensor', () => {
  const nodes = fused((g, image) => {
    const product = g.matmul(g.flatten(g.averagePool2d(image)), g.tensor('w', [CHANNELS, 3]));
    g.output('y', g.relu(g.add(product, g.tensor('b', [1, 3]))));
  });
  expect(nodes).toEqual([
    'globalAveragePool averagePool2d.0(image)',
    'gemm w(averagePool2d.0) norm 1 (3) clamp',
    'y = w [1,3]',
  ]);
});

test("a hard sigmoid of MobileNet v3's slope stays piecewise", () => {
  for (const [alpha, kind] of [
    [1 / 6, 'hardSigmoid'],
    [Math.fround(1 / 6), 'hardSigmoid'],
    [0.2, 'function hardSigmoid'],
  ] as const) {
    const nodes = fused((g, image) => g.output('y', g.hardSigmoid(g.conv('a', image, 1), { alpha, beta: 0.5 })));
    expect(nodes[0]).toBe(`conv2d a(image) ${kind}`);
  }
});

test('arithmetic with numbers joins as a function, with a tensor for each channel as batch normalization', () => {
  const joined = (add: (g: Builder, x: Value) => Value) =>
    fused((g, image) => g.output('y', add(g, g.conv('a', image, 1))))[0];
  const one = [1, 1, 1, 1];
  const number = (g: Builder) => g.constant('two', [2], one);
  for (const name of ['add', 'sub', 'mul', 'div'] as const) {
    expect(joined((g, x) => g[name](x, number(g)))).toBe('conv2d a(image) function linear');
  }
  expect(joined((g, x) => g.sub(number(g), x))).toBe('conv2d a(image) function linear');
  expect(joined((g, x) => g.min(x, number(g)))).toBe('conv2d a(image) clamp');
  expect(joined((g, x) => g.pow(x, number(g)))).toBe('conv2d a(image) function square');
  expect(joined((g, x) => g.prelu(x, number(g)))).toBe('conv2d a(image) function leakyRelu');
  const vector = (g: Builder) => g.tensor('v', [1, CHANNELS, 1, 1]);
  for (const [name, scale] of [
    ['add', '1 (6)'],
    ['sub', '1 (6)'],
    ['mul', 'v'],
  ] as const) {
    expect(joined((g, x) => g.relu(g[name](x, vector(g))))).toBe(`conv2d a(image) norm ${scale} clamp`);
  }
  expect(joined((g, x) => g.prelu(g.add(x, g.input('more', x.shape)), vector(g)))).toBe(
    'conv2d a(image, more) residual more function prelu',
  );
  const rest = fused((g, image) => g.output('y', g.relu(g.max(g.conv('a', image, 1), vector(g)))));
  expect(rest.slice(0, 2)).toEqual(['conv2d a(image)', 'broadcast max.1(a) clamp']);
});

test('an activation keeps its bounds', () => {
  const graph = buildGraph(
    architecture('test', (g) => {
      const builder = extend(g);
      g.output('y', g.clamp(builder.conv('a', g.input('image', [1, CHANNELS, 5, 7])), { minValue: -1, maxValue: 6 }));
    }),
  );
  expect(fuse(graph).nodes[0]).toMatchObject({ activation: { kind: 'clamp', minValue: -1, maxValue: 6 } });
});

test('of two activations the second stays', () => {
  const nodes = fused((g, image) => g.output('y', g.sigmoid(g.relu(g.conv('a', image, 1)))));
  expect(nodes).toEqual(['conv2d a(image) clamp', 'activation sigmoid.2(a)', 'y = sigmoid.2 [1,6,5,7]']);
});

test('an activation joins a sum, a product, a lone batch normalization and a dense layer, but no pool', () => {
  const sum = fused((g, image) => g.output('y', g.relu(g.add(image, image))));
  expect(sum).toEqual(['add add.0(image, image) clamp', 'y = add.0 [1,6,5,7]']);
  const product = fused((g, image) => g.output('y', g.hardSwish(g.mul(image, g.averagePool2d(image)))));
  expect(product[1]).toBe('mul mul.1(image, averagePool2d.0) hardSwish');
  const norm = fused((g, image) => g.output('y', g.relu(g.norm('n', image))));
  expect(norm[0]).toBe('batchNormalization n(image) clamp');
  const dense = fused((g, image) =>
    g.output('y', g.relu(g.gemm(g.flatten(g.averagePool2d(image)), g.tensor('fc.weight', [3, CHANNELS])))),
  );
  expect(dense[1]).toBe('gemm fc(averagePool2d.0) clamp');
  const pool = fused((g, image) => g.output('y', g.relu(g.averagePool2d(image))));
  expect(pool.slice(0, 2)).toEqual(['globalAveragePool averagePool2d.0(image)', 'activation relu.1(averagePool2d.0)']);
});

test('batch normalization after an activation, or a second one, stays', () => {
  const after = fused((g, image) => g.output('y', g.norm('n', g.relu(g.conv('a', image, 1)))));
  expect(after.slice(0, 2)).toEqual(['conv2d a(image) clamp', 'batchNormalization n(a)']);
  const second = fused((g, image) => g.output('y', g.norm('m', g.norm('n', g.conv('a', image, 1)))));
  expect(second.slice(0, 2)).toEqual(['conv2d a(image) norm n.weight', 'batchNormalization m(a)']);
});

for (const order of ['branch first', 'branch last'] as const) {
  test(`a residual sum joins the later convolution: ${order}`, () => {
    const nodes = fused((g, image) => {
      const x = g.relu(g.conv('a', image));
      const branch = g.norm('n', g.conv('b', x, 1));
      g.output('y', g.relu(order === 'branch first' ? g.add(branch, x) : g.add(x, branch)));
    });
    expect(nodes).toEqual([
      'conv2d a(image) padding 1 1 1 1 clamp',
      'conv2d b(a, a) norm n.weight residual a clamp',
      'y = b [1,6,5,7]',
    ]);
  });
}

test('of two convolutions that are added the later one takes the other as its residual', () => {
  const nodes = fused((g, image) => {
    const [a, b] = [g.conv('a', image, 1), g.conv('b', image, 1)];
    g.output('y', g.add(b, a));
  });
  expect(nodes).toEqual(['conv2d a(image)', 'conv2d b(image, a) residual a', 'y = b [1,6,5,7]']);
});

test('a sum with the input of the network joins', () => {
  const nodes = fused((g, image) => g.output('y', g.add(image, g.conv('a', image, 1))));
  expect(nodes[0]).toBe('conv2d a(image, image) residual image');
});

test('a second residual stays, and so does batch normalization after one', () => {
  const second = fused((g, image) => g.output('y', g.add(image, g.add(image, g.conv('a', image, 1)))));
  expect(second.slice(0, 2)).toEqual(['conv2d a(image, image) residual image', 'add add.2(image, a)']);
  const norm = fused((g, image) => g.output('y', g.norm('n', g.add(image, g.conv('a', image, 1)))));
  expect(norm[1]).toBe('batchNormalization n(a)');
});

test('a sum after an activation stays', () => {
  const nodes = fused((g, image) => g.output('y', g.add(image, g.relu(g.conv('a', image, 1)))));
  expect(nodes.slice(0, 2)).toEqual(['conv2d a(image) clamp', 'add add.2(image, a)']);
});

test('a value added to itself stays', () => {
  const nodes = fused((g, image) => {
    const x = g.conv('a', image, 1);
    g.output('y', g.add(x, x));
  });
  expect(nodes.slice(0, 2)).toEqual(['conv2d a(image)', 'add add.1(a, a)']);
});

test('what is merged is read by nobody else: another node', () => {
  const nodes = fused((g, image) => {
    const x = g.conv('a', image, 1);
    g.output('y', g.add(g.relu(x), g.sigmoid(x)));
  });
  expect(nodes).toEqual([
    'conv2d a(image)',
    'activation relu.1(a)',
    'activation sigmoid.2(a)',
    'add add.3(relu.1, sigmoid.2)',
    'y = add.3 [1,6,5,7]',
  ]);
});

test('what is merged is read by nobody else: an output', () => {
  const nodes = fused((g, image) => {
    const x = g.conv('a', image, 1);
    g.output('before', x);
    g.output('after', g.relu(x));
  });
  expect(nodes).toEqual([
    'conv2d a(image)',
    'activation relu.1(a)',
    'before = a [1,6,5,7]',
    'after = relu.1 [1,6,5,7]',
  ]);
});

test('padding joins every convolution after it', () => {
  const nodes = fused((g, image) => {
    const padded = g.pad(image, [0, 1, 2, 3]);
    g.output('y', g.add(g.relu(g.conv('a', padded)), g.relu(g.conv('b', padded))));
  });
  expect(nodes).toEqual([
    'conv2d a(image) padding 1 2 3 4 clamp',
    'conv2d b(image) padding 1 2 3 4 clamp',
    'add add.5(a, b)',
    'y = add.5 [1,6,6,12]',
  ]);
});

test('padding that something else reads too stays for that', () => {
  const nodes = fused((g, image) => {
    const padded = g.pad(image, [1, 0, 0, 1]);
    g.output('pooled', g.maxPool2d(padded, { windowDimensions: [2, 2] }));
    g.output('y', g.conv('a', padded));
  });
  expect(nodes.slice(0, 3)).toEqual([
    'pad pad.0(image) padding 1 0 0 1',
    'maxPool2d maxPool2d.1(pad.0)',
    'conv2d a(image) padding 2 1 1 2',
  ]);
});

test('a pad of a pad: the later one joins', () => {
  const nodes = fused((g, image) => g.output('y', g.conv('a', g.pad(g.pad(image, [1, 0, 0, 0]), [0, 0, 0, 2]))));
  expect(nodes.slice(0, 2)).toEqual(['pad pad.0(image) padding 1 0 0 0', 'conv2d a(pad.0) padding 1 1 1 3']);
});

test('a factor for each channel joins the pointwise convolution after it, with its residual', () => {
  const nodes = fused((g, image) => {
    const factor = g.hardSigmoid(g.conv('se', g.averagePool2d(image), 1), { alpha: 1 / 6, beta: 0.5 });
    g.output('y', g.add(image, g.norm('n', g.conv('a', g.mul(image, factor), 1))));
  });
  expect(nodes).toEqual([
    'globalAveragePool averagePool2d.0(image)',
    'conv2d se(averagePool2d.0) hardSigmoid',
    'conv2d a(image, se, image) norm n.weight residual image scale se',
    'y = a [1,6,5,7]',
  ]);
});

test('a factor stays before another kernel size, an activation, or where the product is read twice', () => {
  const build = (add: (g: Builder, product: Value) => Value) =>
    fused((g, image) => g.output('y', add(g, g.mul(image, g.averagePool2d(image)))));
  expect(build((g, product) => g.conv('a', product))[1]).toBe('mul mul.1(image, averagePool2d.0)');
  expect(build((g, product) => g.conv('a', g.relu(product), 1))[1]).toBe('mul mul.1(image, averagePool2d.0) clamp');
  expect(build((g, product) => g.add(product, g.relu(g.conv('a', product, 1)))).slice(1, 3)).toEqual([
    'mul mul.1(image, averagePool2d.0)',
    'conv2d a(mul.1) clamp',
  ]);
});

test('a product of two maps stays', () => {
  const nodes = fused((g, image) => g.output('y', g.conv('a', g.mul(image, g.relu(image)), 1)));
  expect(nodes.slice(1, 3)).toEqual(['mul mul.1(image, relu.0)', 'conv2d a(mul.1)']);
});

test('flattening disappears, and its outputs keep their shape', () => {
  const nodes = fused((g, image) => {
    const vector = g.flatten(g.averagePool2d(image));
    g.output('features', vector);
    g.output('y', g.gemm(vector, g.tensor('fc.weight', [3, CHANNELS])));
  });
  expect(nodes).toEqual([
    'globalAveragePool averagePool2d.0(image)',
    'gemm fc(averagePool2d.0)',
    'features = averagePool2d.0 [1,6]',
    'y = fc [1,3]',
  ]);
});

test('batch normalization and ReLU join the pointwise convolution after them, if it alone reads their result', () => {
  const prologue = (build: (g: Builder, image: Value) => void) => fused(build).slice(0, -1);
  expect(
    prologue((g, image) => g.output('y', g.relu(g.norm('m', g.conv('a', g.relu(g.norm('n', image)), 1))))),
  ).toEqual(['conv2d a(image) norm m.weight input norm n.weight clamp']);
  const normOf = (nodes: string[]) => nodes[0];
  const alone = 'batchNormalization n(image) clamp';
  expect(normOf(prologue((g, image) => g.output('y', g.conv('a', g.relu(g.norm('n', image))))))).toBe(alone);
  expect(
    normOf(
      prologue((g, image) => g.output('y', g.conv('a', g.clamp(g.norm('n', image), { minValue: 0, maxValue: 6 }), 1))),
    ),
  ).toBe(alone);
  expect(
    normOf(
      prologue((g, image) => {
        const x = g.relu(g.norm('n', image));
        g.output('y', g.add(x, g.conv('a', x, 1)));
      }),
    ),
  ).toBe(alone);
  expect(normOf(prologue((g, image) => g.output('y', g.conv('a', g.norm('n', image), 1))))).toBe(
    'batchNormalization n(image)',
  );
});

test('a flattened map goes into a dense layer or out of the network', () => {
  const nodes = fused((g, image) => {
    const vector = g.flatten(image);
    g.output('features', vector);
    g.output('y', g.gemm(vector, g.tensor('fc.weight', [3, CHANNELS * 35])));
  });
  expect(nodes).toEqual(['gemm fc(image)', 'features = image [1,210]', 'y = fc [1,3]']);
  const basic = basicArchitecture('test', [], (g) =>
    g.output('y', g.softmax(g.flatten(g.input('image', [1, CHANNELS, 5, 7])))),
  );
  expect(() => fuse(buildGraph(basic))).toThrow(
    "A flattened map of 5 x 7 goes into a dense layer or an output, not into softmax 'softmax.1'.",
  );
});

test('through a flattening an activation joins the producer, unless something reads the map', () => {
  const alone = fused((g, image) => g.output('y', g.relu(g.flatten(g.conv('a', g.averagePool2d(image), 1)))));
  expect(alone.slice(1)).toEqual(['conv2d a(averagePool2d.0) clamp', 'y = a [1,6]']);
  const twice = fused((g, image) => {
    const x = g.conv('a', g.averagePool2d(image), 1);
    g.output('y', g.relu(g.flatten(x)));
    g.output('z', x);
  });
  expect(twice.slice(1, 3)).toEqual(['conv2d a(averagePool2d.0)', 'activation relu.3(a)']);
});

test('what no output needs is left out', () => {
  const nodes = fused((g, image) => {
    g.relu(g.conv('unused', image));
    g.output('y', g.sigmoid(image));
  });
  expect(nodes).toEqual(['activation sigmoid.2(image)', 'y = sigmoid.2 [1,6,5,7]']);
});

test('the graph that is fused stays as it was', () => {
  const graph = buildGraph(
    architecture('test', (g) => {
      const builder = extend(g);
      const image = g.input('image', [1, CHANNELS, 5, 7]);
      g.output('y', g.add(image, builder.norm('n', builder.conv('a', g.pad(image, [0, 0, 0, 0])))));
    }),
  );
  const before = JSON.stringify(graph);
  fuse(graph);
  expect(JSON.stringify(graph)).toBe(before);
});

/** ShuffleNet's, as PyTorch writes it. */
function shuffle(g: Builder, input: Value, groups: number): Value {
  const [batch, channels, height, width] = input.shape as unknown as [number, number, number, number];
  const apart = g.reshape(input, [batch, groups, channels / groups, height, width]);
  return g.reshape(g.transpose(apart, { permutation: [0, 2, 1, 3, 4] }), input.shape);
}

const channelsLast = { permutation: [0, 2, 3, 1] };
const channelsFirst = { permutation: [0, 3, 1, 2] };

test('views of views are one', () => {
  expect(fused((g, image) => g.output('y', shuffle(g, image, 2)))).toEqual([
    'view reshape.2(image)',
    'y = reshape.2 [1,6,5,7]',
  ]);
  const cut = fused((g, image) => {
    const turned = g.reverse(g.transpose(image, channelsLast), { axes: [1] });
    g.output('y', g.slice(g.tile(turned, [2, 1, 1, 1]), [0, 1, 2, 3], [2, 4, 5, 3], { strides: [1, 2, 1, 1] }));
  });
  expect(cut).toEqual(['view slice.3(image)', 'y = slice.3 [2,2,5,3]']);
});

test('of a slice that crosses the rows of what is turned, nothing is made of one', () => {
  const nodes = fused((g, image) => {
    const flat = g.reshape(g.transpose(image, channelsLast), [1, 1, 210]);
    g.output('y', g.slice(flat, [0, 0, 3], [1, 1, 200]));
  });
  expect(nodes.map((line) => line.split(' ')[0])).toEqual(['view', 'view', 'y']);
});

test('views that take each other back are none', () => {
  const round = fused((g, image) => {
    const last = g.transpose(g.conv('a', image, 1), channelsLast);
    g.output('y', g.conv('b', g.transpose(g.relu(last), channelsFirst), 1));
  });
  expect(round).toEqual(['conv2d a(image) clamp', 'conv2d b(a)', 'y = b [1,6,5,7]']);
  const shuffled = fused((g, image) => g.output('y', g.relu(shuffle(g, shuffle(g, image, 2), 3))));
  expect(shuffled).toEqual(['activation relu.6(image)', 'y = relu.6 [1,6,5,7]']);
});

test('what has another height and width is its source, and what comes after it joins that', () => {
  const nodes = fused((g, image) => {
    const wide = g.reshape(g.conv('a', image, 1), [1, CHANNELS, 1, 35]);
    g.output('y', g.relu(g.add(wide, g.reshape(image, wide.shape))));
  });
  expect(nodes).toEqual(['conv2d a(image, image) residual image clamp', 'y = a [1,6,1,35]']);
});

test('a squeeze of one pixel and back is nothing', () => {
  const nodes = fused((g, image) => {
    const squeezed = g.reshape(g.averagePool2d(image), [1, CHANNELS]);
    const gate = g.sigmoid(g.gemm(squeezed, g.tensor('fc.weight', [CHANNELS, CHANNELS])));
    g.output('y', g.conv('a', g.mul(image, g.reshape(gate, [1, CHANNELS, 1, 1])), 1));
  });
  expect(nodes).toEqual([
    'globalAveragePool averagePool2d.0(image)',
    'gemm fc(averagePool2d.0) sigmoid',
    'conv2d a(image, fc) scale fc',
    'y = a [1,6,5,7]',
  ]);
});

test('a padding of another height and width stays', () => {
  const nodes = fused((g, image) => g.output('y', g.conv('a', g.reshape(g.pad(image, 1), [1, CHANNELS, 9, 7]))));
  expect(nodes.slice(0, 3)).toEqual([
    'pad pad.0(image) padding 1 1 1 1',
    'view reshape.1(pad.0)',
    'conv2d a(reshape.1) padding 1 1 1 1',
  ]);
});

test('whatever its shape, an output is what it is of, as long as the order of elements is the same', () => {
  const nodes = fused((g, image) => {
    g.output('y', g.reshape(image, [5, 7, 3, 2]));
    g.output('z', image, [210]);
  });
  expect(nodes).toEqual(['y = image [5,7,3,2]', 'z = image [210]']);
});

test('a part of a map is a slice, also of what is no view by itself', () => {
  const nodes = fused((g, image) => {
    const back = g.reshape(g.reshape(image, [6, 35]), [1, CHANNELS, 5, 7]);
    g.output('y', g.slice(back, [0, 0, 1, 2], [1, CHANNELS, 3, 4]));
  });
  expect(nodes).toEqual(['slice slice.2(image)', 'y = slice.2 [1,6,3,4]']);
});
