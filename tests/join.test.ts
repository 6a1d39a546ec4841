// Where concatenated values lie, and what has to be copied, on graphs small enough to draw.
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { fuse } from '../engine/graph/fuse.ts';
import { operandsOf, type Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { join, rangeOf } from '../engine/graph/join.ts';

type Make = (g: GraphBuilder, conv: (name: string, input: Value, channels: number, kernel?: number) => Value) => void;

/** The joined graph: a line for each node, `output <- op(inputs)`; a value within another one is `whole[first..end]`. */
function joined(make: Make): string[] {
  const network = architecture('test', (g) => {
    make(g, (name, input, channels, kernel = 1) => {
      const filter = g.tensor(`${name}.weight`, [channels, input.shape[1], kernel, kernel]);
      return g.conv2d(input, filter, { padding: kernel === 3 ? [1, 1, 1, 1] : [0, 0, 0, 0] });
    });
  });
  const { nodes, outputs, ranges } = join(fuse(buildGraph(network)));
  const show = (value: Value): string => {
    const { whole, channel } = rangeOf(value, ranges);
    return whole.id === value.id ? value.name : `${whole.name}[${channel}..${channel + value.shape[1]}]`;
  };
  return [
    ...nodes.map((node) => {
      const at = node.op === 'copy' ? ` at ${node.channel}` : '';
      return `${show(node.output)}${at} <- ${node.op}(${operandsOf(node).map(show).join(', ')})`;
    }),
    ...outputs.map(({ name, value }) => `${name} = ${show(value)}`),
  ];
}

const image = (g: GraphBuilder, channels = 4) => g.input('image', [1, channels, 5, 7]);
const image2 = (g: GraphBuilder, name = 'second') => g.input(name, [1, 4, 5, 7]);

test('a dense block is one value that grows', () => {
  const lines = joined((g, conv) => {
    const x0 = conv('x0', image(g), 8, 3);
    const x1 = conv('x1', conv('a', g.concat([x0]), 12), 4, 3);
    const x2 = conv('x2', conv('b', g.concat([x0, x1]), 12), 4, 3);
    g.output('y', conv('c', g.concat([x0, x1, x2]), 3));
  });
  expect(lines).toEqual([
    'concat.7[0..8] <- conv2d(image)',
    'a <- conv2d(concat.7[0..8])',
    'concat.7[8..12] <- conv2d(a)',
    'b <- conv2d(concat.7[0..12])',
    'concat.7[12..16] <- conv2d(b)',
    'c <- conv2d(concat.7)',
    'y = c',
  ]);
});

test('concatenations of concatenations are one', () => {
  const lines = joined((g, conv) => {
    const x0 = conv('x0', image(g), 8, 3);
    const first = g.concat([x0, conv('x1', conv('a', x0, 4), 4, 3)]);
    g.output('y', g.concat([first, conv('x2', conv('b', first, 4), 5, 3)]));
  });
  expect(lines.filter((line) => line.includes('copy'))).toEqual([]);
  expect(lines).toContain('concat.6[12..17] <- conv2d(b)');
  expect(lines).toContain('b <- conv2d(concat.6[0..12])');
});

test('a skip is written into what the decoder reads', () => {
  const lines = joined((g, conv) => {
    const skip = conv('skip', image(g), 8, 3);
    const deep = g.maxPool2d(skip, { windowDimensions: [2, 2], strides: [1, 1], padding: [0, 1, 0, 1] });
    g.output('y', conv('c', g.concat([conv('up', deep, 4, 3), skip]), 3));
  });
  expect(lines).toEqual([
    'concat.3[4..12] <- conv2d(image)',
    'maxPool2d.1 <- maxPool2d(concat.3[4..12])',
    'concat.3[0..4] <- conv2d(maxPool2d.1)',
    'c <- conv2d(concat.3)',
    'y = c',
  ]);
});

test('what begins within a slice is copied, in order', () => {
  const lines = joined((g, conv) => {
    const x = image(g);
    g.output('y', g.concat([conv('a', x, 6, 3), conv('b', x, 3, 3), conv('c', x, 3, 3), conv('d', x, 5, 3)]));
  });
  expect(lines).toEqual([
    'concat.4[0..6] <- conv2d(image)',
    'b <- conv2d(image)',
    'c <- conv2d(image)',
    'concat.4[12..17] <- conv2d(image)',
    'concat.4 at 6 <- copy(b)',
    'concat.4 at 9 <- copy(c)',
    'y = concat.4',
  ]);
});

test('what others read shares no slice with what lies beside it', () => {
  const lines = joined((g, conv) => {
    const [a, b] = [conv('a', image(g), 6, 3), conv('b', image2(g), 6, 3)];
    g.output('y', g.concat([a, b, conv('c', b, 4, 3)]));
    g.output('z', conv('d', a, 4));
  });
  expect(lines).toEqual([
    'a <- conv2d(image)',
    'b <- conv2d(second)',
    'concat.3[12..16] <- conv2d(b)',
    'concat.3 at 0 <- copy(a)',
    'concat.3 at 6 <- copy(b)',
    'd <- conv2d(a)',
    'y = concat.3',
    'z = d',
  ]);
});

test('a concatenation that would end within a slice is no part of another one', () => {
  const lines = joined((g, conv) => {
    const [a, b, c] = [conv('a', image(g), 4, 3), conv('b', image2(g), 6, 3), conv('c', image2(g, 'third'), 2, 3)];
    g.output('y', g.concat([a, b, c]));
    g.output('z', conv('d', g.concat([a, b]), 4));
  });
  expect(lines).toEqual([
    'concat.3[0..4] <- conv2d(image)',
    'concat.3[4..10] <- conv2d(second)',
    'c <- conv2d(third)',
    'concat.3 at 10 <- copy(c)',
    'concat.4 at 0 <- copy(concat.3[0..4])',
    'concat.4 at 4 <- copy(concat.3[4..10])',
    'd <- conv2d(concat.4)',
    'y = concat.3',
    'z = d',
  ]);
});

test('a factor may be a part', () => {
  const lines = joined((g, conv) => {
    const x = image(g);
    const pooled = g.averagePool2d(x);
    const [a, b] = [conv('a', pooled, 4), conv('b', pooled, 4)];
    const [c, d] = [conv('c', pooled, 4, 3), conv('d', pooled, 4, 3)];
    for (const [index, gate] of [a, b, c, d].entries()) g.output(`y${index}`, conv(`v${index}`, g.mul(gate, x), 4));
    g.output('z', g.concat([c, d]));
  });
  expect(lines.slice(1, -5)).toEqual([
    'a + b <- conv2d(averagePool2d.0)',
    'concat.13[0..4] <- conv2d(averagePool2d.0)',
    'concat.13[4..8] <- conv2d(averagePool2d.0)',
    'v0 <- conv2d(image, a + b[0..4])',
    'v1 <- conv2d(image, a + b[4..8])',
    'v2 <- conv2d(image, concat.13[0..4])',
    'v3 <- conv2d(image, concat.13[4..8])',
  ]);
});

test('of two homes one is a copy, as for a value that occurs twice, and for an input', () => {
  const lines = joined((g, conv) => {
    const x = image(g);
    const [a, b] = [conv('a', x, 4, 3), conv('b', x, 4, 3)];
    g.output('y', g.concat([a, b, b, x]));
    g.output('z', g.concat([b, a]));
  });
  expect(lines).toEqual([
    'concat.2[0..4] <- conv2d(image)',
    'concat.3[0..4] <- conv2d(image)',
    'concat.2 at 4 <- copy(concat.3[0..4])',
    'concat.2 at 8 <- copy(concat.3[0..4])',
    'concat.2 at 12 <- copy(image)',
    'concat.3 at 4 <- copy(concat.2[0..4])',
    'y = concat.2',
    'z = concat.3',
  ]);
});

test('a kernel does not write into what it reads from', () => {
  const lines = joined((g, conv) => {
    const x0 = conv('x0', image(g), 4, 3);
    const x1 = conv('x1', x0, 4, 3);
    const x2 = conv('x2', g.concat([x0, x1]), 4, 3);
    g.output('y', g.concat([x0, x1, x2]));
  });
  expect(lines).toEqual([
    'concat.4[0..4] <- conv2d(image)',
    'x1 <- conv2d(concat.4[0..4])',
    'concat.4 at 4 <- copy(x1)',
    'x2 <- conv2d(concat.4[0..8])',
    'concat.4 at 8 <- copy(x2)',
    'y = concat.4',
  ]);
});

test('1x1 convolutions of one input run as one, unless they lie in a concatenation', () => {
  const lines = joined((g, conv) => {
    const x = conv('x', image(g), 8, 3);
    const [a, b, c] = [conv('a', x, 4), conv('b', x, 8), conv('c', x, 5)];
    g.output('y', g.concat([a, conv('d', b, 4, 3), conv('e', c, 4, 3)]));
  });
  expect(lines).toEqual([
    'x <- conv2d(image)',
    'concat.6[0..4] <- conv2d(x)',
    'b + c <- conv2d(x)',
    'concat.6[4..8] <- conv2d(b + c[0..8])',
    'concat.6[8..12] <- conv2d(b + c[8..13])',
    'y = concat.6',
  ]);
});

test('convolutions that differ in more than their filters stay alone', () => {
  const lines = joined((g, conv) => {
    const x = conv('x', image(g), 8, 3);
    g.output('y', g.relu(conv('a', x, 4)));
    g.output('z', g.conv2d(x, g.tensor('b.weight', [4, 8, 1, 1]), { bias: g.tensor('b.bias', [4]) }));
    g.output('u', g.sigmoid(conv('c', x, 4)));
    g.output('v', g.conv2d(x, g.tensor('d.weight', [4, 8, 1, 1]), { strides: [2, 2] }));
  });
  expect(lines.filter((line) => line.includes('+'))).toEqual([]);
});

test('slices of channels are parts of what they are of, wherever that lies', () => {
  const lines = joined((g, conv) => {
    const x = conv('x', image(g), 14, 3);
    const [a, b] = g.split(x, [8, 6], { axis: 1 }) as [Value, Value];
    g.output('y', g.concat([conv('c', a, 4, 3), x]));
    g.output('z', conv('d', b, 4, 3));
  });
  expect(lines).toEqual([
    'concat.4[4..18] <- conv2d(image)',
    'c <- conv2d(concat.4[4..12])',
    'concat.4 at 0 <- copy(c)',
    'd <- conv2d(concat.4[12..18])',
    'y = concat.4',
    'z = d',
  ]);
});

test('what begins or ends within a slice is made anew', () => {
  const lines = joined((g, conv) => {
    const [a, b] = g.split(conv('x', image(g), 13, 3), [6, 7], { axis: 1 }) as [Value, Value];
    g.output('y', conv('c', a, 4));
    g.output('z', conv('d', b, 4));
  });
  expect(lines).toEqual([
    'x <- conv2d(image)',
    'slice.1 <- view(x)',
    'slice.2 <- view(x)',
    'c <- conv2d(slice.1)',
    'd <- conv2d(slice.2)',
    'y = c',
    'z = d',
  ]);
});

test('all parts of a value one after another are that value', () => {
  const lines = joined((g, conv) => {
    const [a, b] = g.split(conv('x', image(g), 12, 3), [6, 6], { axis: 1 }) as [Value, Value];
    g.output('y', g.concat([a, b, conv('d', conv('c', b, 4), 4)]));
  });
  expect(lines).toEqual([
    'concat.5[0..12] <- conv2d(image)',
    'slice.2 <- view(concat.5[0..12])',
    'c <- conv2d(slice.2)',
    'concat.5[12..16] <- conv2d(c)',
    'y = concat.5',
  ]);
});

test('a part of what a concatenation has, or is, is brought there', () => {
  const beside = joined((g, conv) => {
    const x = conv('x', image(g), 8, 3);
    const [, b] = g.split(x, 2, { axis: 1 }) as [Value, Value];
    g.output('y', g.concat([x, b]));
  });
  expect(beside).toEqual([
    'concat.3[0..8] <- conv2d(image)',
    'slice.2 <- view(concat.3[0..8])',
    'concat.3 at 8 <- copy(slice.2)',
    'y = concat.3',
  ]);
  const longer = joined((g, conv) => {
    const [a, b] = [conv('a', image(g), 4, 3), conv('b', image2(g), 4, 3)];
    const both = g.concat([a, b]);
    const [, part] = g.split(both, 2, { axis: 1 }) as [Value, Value];
    g.output('z', conv('c', both, 4));
    g.output('y', g.concat([a, b, part]));
  });
  expect(longer).toEqual([
    'concat.6[0..4] <- conv2d(image)',
    'concat.6[4..8] <- conv2d(second)',
    'c <- conv2d(concat.6[0..8])',
    'slice.4 <- view(concat.6[0..8])',
    'concat.6 at 8 <- copy(slice.4)',
    'z = c',
    'y = concat.6',
  ]);
  const elsewhere = joined((g, conv) => {
    const [a, b] = g.split(conv('x', image(g), 8, 3), 2, { axis: 1 }) as [Value, Value];
    g.output('y', g.concat([b, conv('c', a, 4), a]));
  });
  expect(elsewhere).toEqual([
    'x <- conv2d(image)',
    'concat.4[4..8] <- conv2d(x[0..4])',
    'concat.4[0..4] <- view(x)',
    'concat.4[8..12] <- view(x)',
    'y = concat.4',
  ]);
});
