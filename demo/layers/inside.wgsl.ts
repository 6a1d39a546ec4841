import type { ElementType } from '../network/feature-maps.wgsl.ts';

/** The members of a uniform block, four bytes each, in this order. */
export type Fields = Readonly<Record<string, 'u32' | 'f32'>>;

export const TAKE_FIELDS = { firstChannel: 'u32', pixels: 'u32', lanes: 'u32' } as const satisfies Fields;

export const PUT_FIELDS = {
  firstChannel: 'u32',
  /** Where the first of them lies in what was taken. */
  takenFrom: 'u32',
  pixels: 'u32',
  lanes: 'u32',
  /** A pixel that becomes 0, if there is such a one. */
  hidden: 'u32',
  strength: 'f32',
  least: 'f32',
  most: 'f32',
} as const satisfies Fields;

export const PREVIEW_FIELDS = {
  firstChannel: 'u32',
  channels: 'u32',
  width: 'u32',
  height: 'u32',
  lanes: 'u32',
  columns: 'u32',
  rows: 'u32',
  start: 'u32',
} as const satisfies Fields;

const params = (fields: Fields) => `
struct Params {
${Object.entries(fields)
  .map(([name, type]) => `  ${name}: ${type},`)
  .join('\n')}
}
@group(0) @binding(0) var<uniform> params: Params;`;

const elements = (type: ElementType, access: 'read' | 'read_write') => `
@group(0) @binding(1) var<storage, ${access}> elements: array<${type === 'float16' ? 'f16' : 'f32'}>;

fn place(channel: u32, pixel: u32, pixels: u32) -> u32 {
  return (channel / params.lanes * pixels + pixel) * params.lanes + channel % params.lanes;
}`;

const enable = (type: ElementType) => (type === 'float16' ? 'enable f16;' : '');

/** Channels of a value, one after another, as float32. Grid: ceil(pixels / 64), channels. */
export function take(type: ElementType): string {
  return `${enable(type)}
${params(TAKE_FIELDS)}
${elements(type, 'read')}
@group(0) @binding(2) var<storage, read_write> taken: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < params.pixels) {
    taken[id.y * params.pixels + id.x] = f32(elements[place(params.firstChannel + id.y, id.x, params.pixels)]);
  }
}`;
}

/**
 * Channels back into a value, with some of their strength; the rest is what would be there without them, within bounds.
 * Grid: ceil(pixels / 64), channels.
 */
export function put(type: ElementType): string {
  return `${enable(type)}
${params(PUT_FIELDS)}
${elements(type, 'read_write')}
@group(0) @binding(2) var<storage, read> taken: array<f32>;
@group(0) @binding(3) var<storage, read> without: array<f32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.pixels) {
    return;
  }
  let at = (params.takenFrom + id.y) * params.pixels + id.x;
  let rest = clamp(without[at], params.least, params.most);
  let value = select(mix(rest, taken[at], params.strength), 0.0, id.x == params.hidden);
  elements[place(params.firstChannel + id.y, id.x, params.pixels)] = ${type === 'float16' ? 'f16(value)' : 'value'};
}`;
}

/**
 * Of some channels the one that varies most, by some of its pixels, and this one made smaller; of channels that are numbers, as many
 * numbers as there is room for. Grid: 1.
 */
export function preview(type: ElementType): string {
  return `${enable(type)}
${params(PREVIEW_FIELDS)}
${elements(type, 'read')}
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

var<workgroup> best: array<vec2f, 64>;

fn element(channel: u32, pixel: u32) -> f32 {
  return f32(elements[place(params.firstChannel + channel, pixel, params.width * params.height)]);
}

fn variance(channel: u32) -> f32 {
  let pixels = params.width * params.height;
  let step = max(1u, pixels / 200u);
  let first = element(channel, 0u);
  var sums = vec3f(0.0);
  for (var pixel = 0u; pixel < pixels; pixel += step) {
    let value = element(channel, pixel) - first;
    sums += vec3f(value, value * value, 1.0);
  }
  return sums.y / sums.z - (sums.x / sums.z) * (sums.x / sums.z);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(local_invocation_index) index: u32) {
  let pixels = params.width * params.height;
  let cells = params.columns * params.rows;
  if (pixels == 1u) {
    for (var at = index; at < min(cells, params.channels); at += 64u) {
      output[params.start + 1u + at] = element(at, 0u);
    }
    return;
  }
  var found = vec2f(-1.0, 0.0);
  for (var channel = index; channel < params.channels; channel += 64u) {
    let spread = variance(channel);
    if (spread > found.x) {
      found = vec2f(spread, f32(channel));
    }
  }
  best[index] = found;
  workgroupBarrier();
  for (var other = 0u; other < 64u; other++) {
    if (best[other].x > found.x || (best[other].x == found.x && best[other].y < found.y)) {
      found = best[other];
    }
  }
  let channel = u32(found.y);
  output[params.start] = found.y;
  for (var at = index; at < cells; at += 64u) {
    let cell = vec2u(at % params.columns, at / params.columns);
    let size = vec2u(params.width, params.height);
    let grid = vec2u(params.columns, params.rows);
    let begin = cell * size / grid;
    let end = max(begin + 1u, (cell + 1u) * size / grid);
    var sum = 0.0;
    for (var y = begin.y; y < end.y; y++) {
      for (var x = begin.x; x < end.x; x++) {
        sum += element(channel, y * params.width + x);
      }
    }
    output[params.start + 1u + at] = sum / f32((end.x - begin.x) * (end.y - begin.y));
  }
}`;
}
