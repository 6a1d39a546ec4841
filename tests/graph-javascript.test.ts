// What only JavaScript lets through ends in a sentence that names what is wrong and what is known.
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { ArchitectureError } from '../engine/common/errors.ts';
import type { Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';

const IMAGE = [2, 5, 31, 17];
const BUILDING = " - While building architecture 'test'";

/** The methods as JavaScript sees them. */
type Untyped = { readonly [Method in keyof GraphBuilder]: (...given: unknown[]) => Value };

const PAIR = 'it should be a positive integer, or two, for height and width.';
const SIDES = 'it should be a natural number, or four: top, bottom, left, right.';
const OWN_VALUE = 'it should be a value of this network.';
const OWN_TENSOR = 'it should be a tensor of this network.';
const A_VALUE = '{"id":0,"name":"image","shape":[2,5,31,17]}';
const A_TENSOR = '{"name":"a.weight","shape":[8,5,3,3]}';
const CONV_OPTIONS = 'bias, strides, padding, dilations, groups';
const POOL_OPTIONS = 'windowDimensions, strides, padding, dilations, roundingType';
const SIZED_OPTIONS = 'outputShapeRounding, outputSizes, layout';

/** What only JavaScript lets through, and the first line of the message. */
const mistakes: readonly [(g: Untyped, image: Value, filter: Value) => unknown, string][] = [
  [(g) => g.input('', IMAGE), 'The name is ""; it should be a text of at least one character.'],
  [(g) => g.input(IMAGE), 'The name is [2,5,31,17]; it should be a text of at least one character.'],
  [(g) => g.input('second', 5), "The shape of 'second' is 5; it should be a list of at least two positive integers."],
  [
    (g) => g.input('second'),
    "The shape of 'second' is undefined; it should be a list of at least two positive integers.",
  ],
  [(g) => g.output('result'), `The output 'result' is undefined; ${OWN_VALUE}`],
  [(g, image) => g.output(image), `The name is ${A_VALUE}; it should be a text of at least one character.`],
  [(g, _, filter) => g.output('result', filter), `The output 'result' is ${A_TENSOR}; ${OWN_VALUE}`],
  [(g) => g.tensor('b.weight'), "The shape of 'b.weight' is undefined; it should be a list of some positive integers."],
  [(g) => g.tensor('b.weight', 5), "The shape of 'b.weight' is 5; it should be a list of some positive integers."],
  [(g) => g.tensor('b', ['5']), `The shape of 'b' is ["5"]; it should be a list of some positive integers.`],
  [(g) => g.ignore(), 'The name is undefined; it should be a text of at least one character.'],
  [(g) => g.constant('c', 5), "The constant 'c' is 5; it should be a list of finite numbers."],
  [(g) => g.constant('c'), "The constant 'c' is undefined; it should be a list of finite numbers."],
  [(g) => g.constant('c', [1, Number.NaN]), `The constant 'c' is [1,"NaN"]; it should be a list of finite numbers.`],
  [(g) => g.constant('c', [1, 2], [3]), "The shape of 'c' is [3]; it should be one of 2 elements."],
  [(g) => g.constant('c', [1, 2], 2), "The shape of 'c' is 2; it should be a list of positive integers."],
  [
    (g, image) => g.output('r', image, [5]),
    "The shape of 'r' is [5]; it should be one of 5270 elements, as [2,5,31,17] has.",
  ],
  [
    (g) => [g.constant('c', [1]), g.constant('c', [2])],
    `There are two tensors 'c': {"name":"c","shape":[1],"values":[1]} and {"name":"c","shape":[1],"values":[2]}.`,
  ],
  [
    (g) => [g.tensor('c', [1]), g.constant('c', [2])],
    `There are two tensors 'c': {"name":"c","shape":[1]} and {"name":"c","shape":[1],"values":[2]}.`,
  ],
  [
    (g) => [g.constant('c', [1]), g.tensor('c', [1])],
    `There are two tensors 'c': {"name":"c","shape":[1],"values":[1]} and {"name":"c","shape":[1]}.`,
  ],

  [(g, image) => g.conv2d(image), `The filter is undefined; ${OWN_TENSOR}`],
  [(g, image) => g.conv2d(image, image), `The filter is ${A_VALUE}; ${OWN_TENSOR}`],
  [(g, image) => g.conv2d(image, 'a.weight'), `The filter is "a.weight"; ${OWN_TENSOR}`],
  [
    (g, image) => g.conv2d(image, { name: 'a.weight', shape: [8, 5, 3, 3] }),
    `The filter is {"name":"a.weight","shape":[8,5,3,3]}; ${OWN_TENSOR}`,
  ],
  [(g, _, filter) => g.conv2d(undefined, filter), `The input is undefined; ${OWN_VALUE}`],
  [(g, _, filter) => g.conv2d(filter, filter), `The input is ${A_TENSOR}; ${OWN_VALUE}`],
  [(g, _, filter) => g.conv2d(null, filter), `The input is null; ${OWN_VALUE}`],
  [(g, image, filter) => g.conv2d(image, filter, null), 'The options are null instead of an object.'],
  [(g, image, filter) => g.conv2d(image, filter, [1, 1]), 'The options are [1,1] instead of an object.'],
  [
    (g, image, filter) => g.conv2d(image, filter, { stride: 2 }),
    `There is no option 'stride'; there are ${CONV_OPTIONS}, inputLayout, filterLayout.`,
  ],
  [(g, image, filter) => g.conv2d(image, filter, { bias: image }), `The bias is ${A_VALUE}; ${OWN_TENSOR}`],
  [(g, image, filter) => g.conv2d(image, filter, { strides: 1.5 }), `The option 'strides' is 1.5; ${PAIR}`],
  [(g, image, filter) => g.conv2d(image, filter, { strides: [1] }), `The option 'strides' is [1]; ${PAIR}`],
  [(g, image, filter) => g.conv2d(image, filter, { strides: [1, 2, 1] }), `The option 'strides' is [1,2,1]; ${PAIR}`],
  [(g, image, filter) => g.conv2d(image, filter, { strides: '2' }), `The option 'strides' is "2"; ${PAIR}`],
  [(g, image, filter) => g.conv2d(image, filter, { dilations: null }), `The option 'dilations' is null; ${PAIR}`],
  [(g, image, filter) => g.conv2d(image, filter, { padding: [1, 1] }), `The option 'padding' is [1,1]; ${SIDES}`],
  [(g, image, filter) => g.conv2d(image, filter, { padding: 'same' }), `The option 'padding' is "same"; ${SIDES}`],
  [(g, image, filter) => g.conv2d(image, filter, { padding: -1 }), `The option 'padding' is -1; ${SIDES}`],
  [
    (g, image, filter) => g.conv2d(image, filter, { groups: '1' }),
    `The option 'groups' is "1"; it should be a positive integer.`,
  ],

  [
    (g, image, filter) => g.conv2d(image, filter, { filterLayout: 'hwio' }),
    `The option 'filterLayout' is "hwio"; it should be 'oihw', as 'a.weight' is a tensor of the checkpoint.`,
  ],
  [
    (g, image, filter) => g.conv2d(image, filter, { filterLayout: 'ohiw' }),
    `The option 'filterLayout' is "ohiw"; it should be "oihw" or "hwio" or "ohwi" or "ihwo".`,
  ],
  [
    (g, image, filter) => g.conv2d(image, filter, { filterLayout: 5 }),
    `The option 'filterLayout' is 5; it should be "oihw" or "hwio" or "ohwi" or "ihwo".`,
  ],
  [
    (g, image) => g.conv2d(image, g.constant('c', [1, 2]), { filterLayout: 'hwio' }),
    "The shape of 'c' is [2]; it should be a list of 4 positive integers.",
  ],
  [(g, image) => g.conv2d(image, undefined, { filterLayout: 'hwio' }), `The filter is undefined; ${OWN_TENSOR}`],
  [
    (g, image, filter) => g.conv2d(image, filter, { inputLayout: 'nhcw' }),
    `The option 'inputLayout' is "nhcw"; it should be "nchw" or "nhwc".`,
  ],
  [
    (g, image, filter) => g.conv2d(image, filter, { inputLayout: 'nhwc' }),
    "The number of the filter's input channels is 5; it should be 17, as the input has 17.",
  ],

  [(g, image) => g.convTranspose2d(image), `The filter is undefined; ${OWN_TENSOR}`],
  [
    (g, image) => g.convTranspose2d(image, g.tensor('t', [5, 1, 2, 2]), { strides: 2, outputSizes: [61, 34] }),
    "The option 'outputSizes' is [61,34]; it should be at least [62,34].",
  ],
  [
    (g, image) => g.convTranspose2d(image, g.tensor('t', [5, 1, 2, 2]), { strides: 2, outputSizes: [63, 36] }),
    'The output padding (width) is 2; it should be below 2, the larger of stride and dilation.',
  ],
  [(g, image) => g.convTranspose2d(image, undefined, { outputSizes: 5 }), `The filter is undefined; ${OWN_TENSOR}`],
  [
    (g, image) => g.convTranspose2d(image, g.tensor('t', [5, 1, 2, 2]), { output_padding: 1 }),
    `There is no option 'output_padding'; there are ${CONV_OPTIONS}, outputPadding, inputLayout, filterLayout, outputSizes.`,
  ],

  [(g, image) => g.batchNormalization(image), `The mean is undefined; ${OWN_TENSOR}`],
  [(g, image) => g.batchNormalization(image, g.tensor('m', [5])), `The variance is undefined; ${OWN_TENSOR}`],
  [
    (g, image) => g.batchNormalization(image, g.tensor('m', [5]), g.tensor('v', [5]), { scale: [1, 1, 1, 1, 1] }),
    `The scale is [1,1,1,1,1]; ${OWN_TENSOR}`,
  ],
  [
    (g, image) => g.batchNormalization(image, g.tensor('m', [5]), g.tensor('v', [5]), { eps: 1e-3 }),
    "There is no option 'eps'; there are scale, bias, epsilon.",
  ],
  ...[null, 2].map((options): (typeof mistakes)[number] => [
    (g, image) => g.batchNormalization(image, g.tensor('m', [5]), g.tensor('v', [5]), options),
    `The options are ${options} instead of an object.`,
  ]),
  [
    (g, image) => g.batchNormalization(image, g.tensor('m', [5]), g.tensor('v', [5]), { axis: -3 }),
    'The axis is -3; it should be one of the 4 of [2,5,31,17].',
  ],
  ...[-1e-5, Number.NaN, Number.POSITIVE_INFINITY, '1e-5'].map((epsilon): (typeof mistakes)[number] => [
    (g, image) => g.batchNormalization(image, g.tensor('m', [5]), g.tensor('v', [5]), { epsilon }),
    `The option 'epsilon' is ${typeof epsilon === 'string' ? `"${epsilon}"` : epsilon}; it should be a finite number of at least 0.`,
  ]),

  [(g, image) => g.gemm(g.flatten(image)), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.gemm(g.flatten(image), 5, { bTranspose: true }), `The input is 5; ${OWN_VALUE}`],
  [
    (g, image) => g.gemm(g.flatten(image), g.flatten(image)),
    'The shapes [2,2635] and [2,2635] are not [m, k] and [k, n].',
  ],
  [
    (g, image) => g.gemm(g.flatten(image), g.tensor('f', [3, 2635]), { gamma: 2 }),
    "There is no option 'gamma'; there are c, alpha, beta, aTranspose, bTranspose, bias.",
  ],
  [
    (g, image) => g.gemm(g.flatten(image), g.tensor('f', [3, 2635]), { alpha: Number.POSITIVE_INFINITY }),
    "The option 'alpha' is Infinity; it should be a finite number.",
  ],
  [
    (g, image) =>
      g.gemm(g.flatten(image), g.tensor('f', [3, 2635]), { c: g.tensor('c', [3]), bias: g.tensor('d', [3]) }),
    `The option 'bias' is {"name":"d","shape":[3]}; it should be left out where 'c' is given.`,
  ],
  [
    (g, image) => g.gemm(g.flatten(image), g.tensor('f', [1, 2635]), { c: g.tensor('c', [2, 3]) }),
    'The shape of c is [2,3]; it should be one that can be broadcast to [2,1].',
  ],
  [(g, image) => g.gemm(g.flatten(image), g.tensor('f', [3, 2635]), { c: 5, beta: 2 }), `The input is 5; ${OWN_VALUE}`],

  [(g) => g.averagePool2d(), `The input is undefined; ${OWN_VALUE}`],
  ...(['averagePool2d', 'maxPool2d', 'l2Pool2d'] as const).flatMap((pool): (typeof mistakes)[number][] => [
    [
      (g, image) => g[pool](image, { dilations: [1, 2] }),
      'The window (width) is 33; it should be at most 17, as the input with padding.',
    ],
    [
      (g, image) => g[pool](image, { windowDimensions: 2, strides: 2, outputSizes: [17, 9] }),
      'The output size (height) is 17; it should be 15.5, rounded down or up.',
    ],
    [(g, image) => g[pool](image, { layout: 'NHWC' }), `The option 'layout' is "NHWC"; it should be "nchw" or "nhwc".`],
    [(g, image) => g[pool](image, null), 'The options are null instead of an object.'],
  ]),
  [
    (g, image) => g.averagePool2d(image, { countIncludePad: true, outputSizes: 1 }),
    "The option 'countIncludePad' is true; it should be left out where 'outputSizes' is given.",
  ],
  [(g) => g.l2Pool2d(), `The input is undefined; ${OWN_VALUE}`],
  [
    (g, image) => g.averagePool2d(image, { kernel: 2 }),
    `There is no option 'kernel'; there are ${POOL_OPTIONS}, countIncludePad, ${SIZED_OPTIONS}.`,
  ],
  [
    (g, image) => g.maxPool2d(image, { countIncludePad: true }),
    `There is no option 'countIncludePad'; there are ${POOL_OPTIONS}, ${SIZED_OPTIONS}.`,
  ],
  [
    (g, image) => g.averagePool2d(image, { windowDimensions: 2, countIncludePad: 1 }),
    `The option 'countIncludePad' is 1; it should be true or false.`,
  ],
  [
    (g, image) => g.maxPool2d(image, { windowDimensions: 2, roundingType: 'up' }),
    `The option 'roundingType' is "up"; it should be "floor" or "ceil".`,
  ],
  [(g, image) => g.maxPool2d(image, 2), 'The options are 2 instead of an object.'],
  [(g, image) => g.maxPool2d(image, { windowDimensions: 0 }), `The option 'windowDimensions' is 0; ${PAIR}`],
  ...[undefined, [7], [2.5, 1], 'whole'].map((sizes): (typeof mistakes)[number] => [
    (g, image) => g.adaptiveAveragePool2d(image, sizes),
    `The size is ${JSON.stringify(sizes)}; ${PAIR}`,
  ]),
  [(g) => g.adaptiveAveragePool2d(undefined, 1), `The input is undefined; ${OWN_VALUE}`],

  [(g, image) => g.resample2d(image, null), 'The options are null instead of an object.'],
  [
    (g, image) => g.resample2d(image, { scale: 2 }),
    "There is no option 'scale'; there are mode, sizes, scales, coordinates, rounding, cubicCoefficient, excludeOutside, axes.",
  ],
  [
    (g, image) => g.resample2d(image, { scales: 2, mode: 'bilinear' }),
    `The option 'mode' is "bilinear"; it should be "nearest-neighbor" or "linear" or "cubic".`,
  ],
  [
    (g, image) => g.resample2d(image, { scales: 2, mode: 'linear', coordinates: 'asymmetric' }),
    `The option 'coordinates' is "asymmetric"; it should be "half-pixel" or "align-corners", or steps and offsets, two numbers each.`,
  ],
  ...[
    { steps: [1, 2] },
    { steps: [1, -2], offsets: [0, 0] },
    { steps: [1, 2], offsets: [0, Number.NaN] },
    { steps: 1, offsets: 0 },
  ].map((coordinates): (typeof mistakes)[number] => [
    (g, image) => g.resample2d(image, { sizes: 2, coordinates }),
    `The option 'coordinates' is ${JSON.stringify(coordinates).replace('null', '"NaN"')}; it should be "half-pixel" or "align-corners", or steps and offsets, two numbers each.`,
  ]),
  [
    (g, image) => g.resample2d(image, { scales: 2, coordinates: { steps: [1, 1], offsets: [0, 0] } }),
    "The option 'sizes' is undefined; it should be given with steps and offsets.",
  ],
  [
    (g, image) => g.resample2d(image, { scales: 2, mode: 'cubic', rounding: 'ceil' }),
    `The option 'rounding' is "ceil"; it should be left out where 'mode' is not 'nearest-neighbor'.`,
  ],
  [
    (g, image) => g.resample2d(image, { scales: 2, rounding: 'ceil', coordinates: 'align-corners' }),
    `The option 'coordinates' is "align-corners"; it should be "half-pixel" or left out, where 'mode' is 'nearest-neighbor'.`,
  ],
  [
    (g, image) => g.resample2d(image, { scales: 2, axes: [2, 2] }),
    "The option 'axes' is [2,2]; it should be two of the four axes.",
  ],
  [(g, image) => g.resample2d(image, { sizes: 2.5 }), `The option 'sizes' is 2.5; ${PAIR}`],
  [
    (g, image) => g.resample2d(image, { scales: Number.POSITIVE_INFINITY }),
    `The option 'scales' is Infinity; it should be a positive number, or two, for height and width.`,
  ],

  [(g, image) => g.add(image), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.add(image, 1), `The input is 1; ${OWN_VALUE}`],
  [(g, image, filter) => g.mul(image, filter), 'The shapes [2,5,31,17] and [8,5,3,3] differ where neither has size 1.'],
  [(g, _, filter) => g.sub(filter, filter), `The input is ${A_TENSOR}; ${OWN_VALUE}`],
  [
    (g, image) => g.div(image, { name: 'b', shape: [1, 1, 1, 1] }),
    `The operand is {"name":"b","shape":[1,1,1,1]}; ${OWN_TENSOR}`,
  ],
  [(g) => g.relu(), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.relu(image, { alpha: 0.1 }), 'The last argument is {"alpha":0.1}; it should be left out.'],
  [(g, image) => g.tanh(image, { alpha: 0.1 }), 'The last argument is {"alpha":0.1}; it should be left out.'],
  [(g, image) => g.elu(image, 1), 'The options are 1 instead of an object.'],
  [(g, image) => g.leakyRelu(image, { beta: 1 }), "There is no option 'beta'; there are alpha."],
  [
    (g, image) => g.hardSigmoid(image, { alpha: Number.NaN }),
    "The option 'alpha' is NaN; it should be a finite number.",
  ],
  [(g) => g.identity(), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.cast(image, 'int32'), `The type is "int32"; it should be "float32" or "float16".`],
  [(g) => g.cast(undefined, 'float16'), `The input is undefined; ${OWN_VALUE}`],
  [
    (g) => g.add(g.input('a', [1, 1, 2, 3, 2, 3]), g.tensor('b', [1, 1, 1, 3, 1, 3])),
    'The shapes [1,1,2,3,2,3] and [1,1,1,3,1,3] are broadcast along more than three runs of axes after the second.',
  ],
  [(g, image) => g.clamp(image, { min: 0 }), "There is no option 'min'; there are minValue, maxValue."],
  [(g, image) => g.clamp(image, 0, 6), 'The options are 0 instead of an object.'],
  [(g, image) => g.clamp(image, { minValue: Number.NaN }), "The option 'minValue' is NaN; it should be a number."],
  [(g, image) => g.softmax(image, 4), 'The axis is 4; it should be one of the 4 of [2,5,31,17].'],
  [(g, image) => g.softmax(image, -1), 'The axis is -1; it should be one of the 4 of [2,5,31,17].'],
  [(g, image) => g.argMax(image), 'The axis is undefined; it should be one of the 4 of [2,5,31,17].'],
  [(g) => g.argMin(undefined, 1), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.argMax(image, 1, { axes: [1] }), "There is no option 'axes'; there are keepDimensions."],
  [
    (g, image) => g.reduceSum(image, { axes: [1, 4] }),
    "The option 'axes' is [1,4]; it should be some of the 4 axes, each once.",
  ],
  [
    (g, image) => g.reduceMean(image, { axes: [1, 1] }),
    "The option 'axes' is [1,1]; it should be some of the 4 axes, each once.",
  ],
  [(g, image) => g.reduceMax(image, { axes: 1 }), "The option 'axes' is 1; it should be a list of natural numbers."],
  [
    (g, image) => g.reduceLogSumExp(image, { keepDimensions: 1 }),
    "The option 'keepDimensions' is 1; it should be true or false.",
  ],
  [
    (g, image, filter) => g.instanceNormalization(image, { scale: filter }),
    "The shape of 'a.weight' is [8,5,3,3]; it should be [5].",
  ],
  [
    (g, image) => g.layerNormalization(image, { axes: [2, 1], scale: g.tensor('s', [5, 31]) }),
    "The shape of 's' is [5,31]; it should be [31,5].",
  ],
  [
    (g, image, filter) => g.layerNormalization(image, { axes: [1], bias: filter }),
    "The shape of 'a.weight' is [8,5,3,3]; it should be [5].",
  ],
  [
    (g, image) => g.localResponseNormalization(image, {}),
    "The option 'size' is undefined; it should be a positive integer.",
  ],
  [(g, image) => g.matmul(image, image), 'The shapes [2,5,31,17] and [2,5,31,17] are not [m, k] and [k, n].'],
  [(g, image) => g.matmul(image), `The input is undefined; ${OWN_VALUE}`],
  [(g, image) => g.pad(image), `The padding is undefined; ${SIDES}`],
  [
    (g, image) => g.pad(image, [0, 0, 1], [0, 0, 1, 1]),
    'The beginning padding is [0,0,1]; it should be 4 natural numbers.',
  ],
  [
    (g, image) => g.pad(image, [0, 0, 1, 1], [0, 0, 1, -1]),
    'The ending padding is [0,0,1,-1]; it should be 4 natural numbers.',
  ],
  [
    (g, image) => g.pad(image, [0, 0, 1, 1], [0, 0, 1, 1], { mode: 'reflect' }),
    `The option 'mode' is "reflect"; it should be "constant" or "edge" or "reflection".`,
  ],
  [
    (g, image) => g.pad(image, [0, 0, 30, 0], [0, 0, 0, 17], { mode: 'reflection' }),
    `The padding is {"before":[0,0,30,0],"after":[0,0,0,17]}; it should be below the sizes [2,5,31,17], where 'mode' is 'reflection'.`,
  ],
  [(g, image) => g.concat(image, image), `The list is ${A_VALUE}; it should be a list of values.`],
  [(g) => g.concat(), 'The list is undefined; it should be a list of values.'],
  [(g, image) => g.concat([image, undefined]), `The input is undefined; ${OWN_VALUE}`],
  [
    (g, image) => g.concat([image, image], 'channels'),
    'The axis is "channels"; it should be one of the 4 of [2,5,31,17].',
  ],
  [(g, image) => g.slice(image, 1, 2), 'The slice is {"starts":1,"sizes":2}; it should be within [2,5,31,17].'],
  [(g, image) => g.slice(image), 'The slice is {}; it should be within [2,5,31,17].'],
  [
    (g, image) => g.slice(image, [0, 0, 0, 0], IMAGE, { strides: [1, 1, 0, 2] }),
    "The option 'strides' is [1,1,0,2]; it should be a list of positive integers.",
  ],
  [
    (g, image) => g.slice(image, [0, 0, 0, 0], IMAGE, { strides: [1, 2] }),
    "The option 'strides' is [1,2]; it should be 4 positive integers.",
  ],
  [
    (g, image) => g.reshape(image),
    'The new shape is undefined; it should be a list of at least two positive integers.',
  ],
  [
    (g, image) => g.reshape(image, [5270]),
    'The new shape is [5270]; it should be a list of at least two positive integers.',
  ],
  [
    (g, image) => g.reshape(image, [2, -1]),
    'The new shape is [2,-1]; it should be a list of at least two positive integers.',
  ],
  [
    (g, image) => g.reshape(image, [2, 2634]),
    'The new shape is [2,2634]; it should be one of 5270 elements, as [2,5,31,17] has.',
  ],
  [(g, image) => g.transpose(image, [0, 2, 3, 1]), 'The options are [0,2,3,1] instead of an object.'],
  [
    (g, image) => g.transpose(image, { permutation: [0, 2, 2, 1] }),
    "The option 'permutation' is [0,2,2,1]; it should be each of the 4 axes once.",
  ],
  [
    (g, image) => g.split(image, 3, { axis: 1 }),
    'The split is 3; it should be a divisor of 5, or a list of sizes of that sum.',
  ],
  [
    (g, image) => g.split(image, [3, 3], { axis: 1 }),
    'The split is [3,3]; it should be a divisor of 5, or a list of sizes of that sum.',
  ],
  [(g, image) => g.split(image, 2, { axis: 4 }), 'The axis is 4; it should be one of the 4 of [2,5,31,17].'],
  [(g) => g.split(undefined, 2), `The input is undefined; ${OWN_VALUE}`],
  [
    (g, image) => g.expand(image, [2, 5, 31, 18]),
    'The new shape is [2,5,31,18]; it should be one to which [2,5,31,17] can be broadcast.',
  ],
  [
    (g, image) => g.expand(image, [5, 31, 17]),
    'The new shape is [5,31,17]; it should be one to which [2,5,31,17] can be broadcast.',
  ],
  [(g, image) => g.tile(image, [1, 2]), 'The list of repetitions is [1,2]; it should be 4 positive integers.'],
  [
    (g, image) => g.reverse(image, { axes: [1, 1] }),
    "The option 'axes' is [1,1]; it should be some of the 4 axes, each once.",
  ],
  [
    (g, image) => g.depthToSpace(image, 2),
    'The block size is 2; it should be a positive integer whose square divides the 5 channels.',
  ],
  [
    (g, image) => g.spaceToDepth(image, 2),
    'The block size is 2; it should be a positive integer that divides 31 and 17.',
  ],
  [(g) => g.flatten(), `The input is undefined; ${OWN_VALUE}`],
];

for (const [index, [make, message]] of mistakes.entries()) {
  test(`${index + 1}: ${message}`, () => {
    const given = errorOf((g) =>
      make(g as unknown as Untyped, g.input('image', IMAGE), g.tensor('a.weight', [8, 5, 3, 3]) as never),
    );
    expect(given.split('\n')[0]).toBe(message);
    expect(given).toContain(BUILDING);
  });
}

test('an architecture that is none', () => {
  const none = architecture as unknown as (...given: unknown[]) => unknown;
  const message = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(ArchitectureError);
      return (error as Error).message;
    }
    return undefined;
  };
  expect(message(() => none('test'))).toBe("The builder of 'test' is undefined; it should be a function.");
  expect(message(() => none(() => {}))).toBe('The name is function; it should be a text of at least one character.');
  const kinds = "it should be what 'architecture' gives.";
  expect(message(() => buildGraph(undefined as never))).toBe(`The architecture is undefined; ${kinds}`);
  expect(message(() => buildGraph((() => {}) as never))).toBe(`The architecture is function; ${kinds}`);
  expect(message(() => buildGraph(architecture('test', async () => {})))).toBe(
    `The builder of 'test' is function; it should be a function that is not async.\n${BUILDING}`,
  );
});

function errorOf(build: (g: GraphBuilder) => unknown): string {
  try {
    buildGraph(architecture('test', (g) => void build(g)));
  } catch (error) {
    expect(error).toBeInstanceOf(ArchitectureError);
    expect((error as ArchitectureError).name).toBe('ArchitectureError');
    return (error as ArchitectureError).message;
  }
  throw new Error('Nothing was thrown.');
}
