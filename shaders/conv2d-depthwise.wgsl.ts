import { ACTIVATION_FIELDS, type Activation } from './activation.ts';
import {
  clampColumns,
  columnsOf,
  epilogue,
  FILTER_FIELDS,
  inRows,
  inTile,
  locateTile,
  readColumns,
  readRows,
  STEPS,
  storeTile,
  threadsOf,
  turns,
  type WeightsStorage,
} from './convolution.ts';
import { type Kernel, SLICES } from './kernel.ts';
import { slopeBinding } from './slope.ts';
import { repeat, wgsl } from './wgsl.ts';

export interface Conv2dDepthwiseOptions {
  /** Its height and width, as in `strides` and `dilations`. */
  readonly filter: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** What one thread computes: so many outputs along x and y of one slice. */
  readonly tile: { readonly x: number; readonly y: number };
  readonly weights: WeightsStorage;
  /** Threads of a workgroup along x. */
  readonly row: number;
  /** Stores results in a loop; see `storeSums`. */
  readonly storeLoop: boolean;
  /** Leaves loops late; see `turns`. */
  readonly late: boolean;
  readonly activation: Activation;
  /** What of the filter is written out, the rest being loops: of a large one all would be text that takes minutes to compile. */
  readonly written: 'filter' | 'row' | 'tap';
}

/** What of the input a thread reads. */
export interface DepthwiseInput {
  /** Which slice; that of its results unless given. */
  readonly slice?: string;
  /** What becomes of its vectors; they are read as they are unless given. */
  readonly read?: (slice: string) => string;
}

/**
 * A convolution of each channel with its own filter. Zero padding: the size of the output says how much there is below and on the right.
 *
 * Dispatch: x over tiles of outputs, row by row; y over slices; z over the batch.
 * Weights: per slice, `[ky][kx]` vec4s over its four channels, then its bias.
 */
export const conv2dDepthwise = {
  kind: 'conv2d-depthwise',
  fields: {
    outputSlices: 'u32',
    paddingTop: 'u32',
    paddingLeft: 'u32',
    inputOffset: 'u32',
    inputBatch: 'u32',
    inputHeight: 'u32',
    inputWidth: 'u32',
    outputHeight: 'u32',
    outputWidth: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
    ...ACTIVATION_FIELDS,
    ...FILTER_FIELDS,
  },
  workgroup: inRows,
  bindings: ({ weights, written, activation }) => ({
    input: SLICES,
    weights: weights === 'texture' ? STEPS.texture : written === 'filter' ? 'array<Filters>' : SLICES,
    output: SLICES,
    ...slopeBinding(activation),
  }),
  threads: ({ tile }, output) => threadsOf({ ...tile, slices: 1 }, output),
  text(options, main, isFolded, { slice = 'slice', read }: DepthwiseInput = {}) {
    const { filter, strides, dilations, tile, weights, activation, written } = options;
    const [height, width] = filter;
    const outputs = { ...tile, slices: 1 };

    const looped = written !== 'filter';
    const columns = columnsOf(tile.x, {
      stride: strides[1],
      taps: written === 'tap' ? 1 : width,
      dilation: dilations[1],
    });
    const rows = columnsOf(tile.y, { stride: strides[0], taps: height, dilation: dilations[0] });

    // The taps of a slice and then its bias are the texels of a row, or the members of a struct, for loops an array.
    const taps = height * width;
    const vector = (index: number | string) => {
      const at = typeof index === 'string' ? index : `${index}u`;
      if (weights === 'texture') return `textureLoad(weights, vec2u(${at}, slice), 0)`;
      return looped ? `vec4f(weights[slice * ${taps + 1}u + ${at}])` : `vec4f((*filters).v${index})`;
    };

    // All products of one input row, which is read once.
    const products = (row: number) =>
      repeat(tile.y, (y) =>
        repeat(height, (ky) =>
          y * strides[0] + ky * dilations[0] === row
            ? repeat(
                width,
                (kx) => `tap = ${vector(ky * width + kx)};
    ${repeat(tile.x, (x) => `sum${x}_${y}_0 += v${x * strides[1] + kx * dilations[1]} * tap;`)}`,
              )
            : '',
        ),
      );

    const inRow = turns('ky', 'params.filterHeight', options);
    const inColumn = turns('kx', 'params.filterWidth', options);
    const loops = () => wgsl`var at = 0u;
  ${inRow.begin}
#if ${written === 'tap'}
    ${inColumn.begin}
    let left = first + kx * ${dilations[1]};
#endif
    ${clampColumns(columns)}
    ${readRows(tile.y, { stride: `${strides[0]}`, dilation: `${dilations[0]}`, columns }, undefined, read)}
    ${repeat(
      written === 'tap' ? 1 : width,
      (kx) => `tap = ${vector('at')};
    ${inTile(outputs, (x, y) => `sum${x}_${y}_0 += v${x * strides[1] + kx * dilations[1]}_${y} * tap;`)}
    at++;`,
    )}
#if ${written === 'tap'}
    ${inColumn.end}
#endif
  ${inRow.end}`;

    return wgsl`${
      weights === 'buffer' && !looped ? `struct Filters {\n${repeat(taps + 1, (index) => `v${index}: Slice,`)}\n}` : ''
    }

${epilogue({ activation, residual: false })}

${main}
  ${locateTile(tile.x, { isFolded })}
  let x = tileColumn * ${tile.x}u;
  let y = tileRow * ${tile.y}u;
  let slice = id.y;
  if (y >= params.outputHeight || slice >= params.outputSlices) {
    return;
  }

#if ${weights === 'buffer' && !looped}
  let filters = &weights[slice];
#endif
  var tap: vec4f;
  let bias = ${vector(taps)};
  ${inTile(outputs, (x, y) => `var sum${x}_${y}_0 = bias;`)}

  let first = i32(x * ${strides[1]}u) - i32(params.paddingLeft);
#if ${written !== 'tap'}
  let left = first;
#endif

  let top = i32(y * ${strides[0]}u) - i32(params.paddingTop);
  let plane = params.inputOffset + id.z * params.inputBatch + ${slice} * params.inputHeight * params.inputWidth;
  ${
    looped
      ? loops()
      : rows
          .map(
            (row) => wgsl`if (u32(top + ${row}) < params.inputHeight) {
    let source = plane + u32(top + ${row}) * params.inputWidth;
    ${clampColumns(columns)}
    ${readColumns(columns, undefined, undefined, undefined, read)}
    ${products(row)}
  }`,
          )
          .join('\n')
  }

  ${storeTile(outputs, options)}
}
`;
  },
} as const satisfies Kernel<Conv2dDepthwiseOptions>;
