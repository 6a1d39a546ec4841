/** How the elements of a value are stored. */
export type ElementType = 'float32' | 'float16';

/** How numbers become colours: what a channel's range begins as, and the colours from its smallest to its largest. */
const SCALES = {
  /** Nine of viridis's colours (https://bids.github.io/colormap/): equal steps look equal, also to colour-blind people. */
  viridis: {
    range: 'vec2f(3.4e38, -3.4e38)',
    colours: [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725],
  },
  /** From black at 0 to white at the largest, of elements that are not below 0. */
  grey: { range: 'vec2f(0.0)', colours: [0x000000, 0xffffff] },
} as const;

export type Scale = keyof typeof SCALES;

/** Red, green and blue, 0 to 255, of a place between the smallest (0) and the largest number (1). */
export function colourAt(scale: Scale, share: number): [number, number, number] {
  const { colours } = SCALES[scale];
  const place = Math.min(1, Math.max(0, share)) * (colours.length - 1);
  const lower = Math.min(colours.length - 2, Math.floor(place));
  const [from = 0, to = 0] = colours.slice(lower, lower + 2);
  const level = (shift: number) => {
    const [low, high] = [(from >> shift) & 255, (to >> shift) & 255];
    return low + (high - low) * (place - lower);
  };
  return [level(16), level(8), level(0)];
}

/** What is drawn of a value, and how its elements lie; u32 each, in this order. */
export interface FeatureMapsParams {
  /** The channels that are drawn. */
  readonly firstChannel: number;
  readonly channels: number;
  /** The channels whose smallest and largest elements are taken together; none, where each channel has its own. */
  readonly sharedFirst: number;
  readonly sharedChannels: number;
  readonly width: number;
  readonly height: number;
  /** Channels that lie side by side: 4 in slices, 1 in NCHW. */
  readonly lanes: number;
  /** Of the grid; and the pixels between two maps. */
  readonly columns: number;
  readonly gap: number;
}

const FIELDS = [
  'firstChannel',
  'channels',
  'sharedFirst',
  'sharedChannels',
  'width',
  'height',
  'lanes',
  'columns',
  'gap',
] as const satisfies (keyof FeatureMapsParams)[];

export const PARAMS_BYTES = 4 * FIELDS.length;

export const packParams = (params: FeatureMapsParams): Uint32Array<ArrayBuffer> =>
  Uint32Array.from(FIELDS, (name) => params[name]);

const header = (type: ElementType) => `${type === 'float16' ? 'enable f16;' : ''}
struct Params {
${FIELDS.map((name) => `  ${name}: u32,`).join('\n')}
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> input: array<${type === 'float16' ? 'f16' : 'f32'}>;

fn element(channel: u32, pixel: u32) -> f32 {
  let slice = channel / params.lanes;
  return f32(input[(slice * params.width * params.height + pixel) * params.lanes + channel % params.lanes]);
}`;

/** The smallest and the largest element of each channel, or of all shared ones. Grid: channels, or 1; a workgroup takes one. */
export function channelRanges(type: ElementType, scale: Scale): string {
  return `${header(type)}
@group(0) @binding(2) var<storage, read_write> output: array<vec2f>;

var<workgroup> ranges: array<vec2f, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let shared_range = params.sharedChannels > 0u;
  let count = select(params.width * params.height, params.sharedChannels, shared_range);
  var range = ${SCALES[scale].range};
  for (var at = index; at < count; at += 64u) {
    var value = 0.0;
    if (shared_range) {
      value = element(params.sharedFirst + at, 0u);
    } else {
      value = element(params.firstChannel + group.x, at);
    }
    range = vec2f(min(range.x, value), max(range.y, value));
  }
  ranges[index] = range;
  workgroupBarrier();
  if (index > 0u) {
    return;
  }
  for (var other = 1u; other < 64u; other++) {
    range = vec2f(min(range.x, ranges[other].x), max(range.y, ranges[other].y));
  }
  output[group.x] = range;
}`;
}

/**
 * The channels as a grid of maps. A channel of one value gets the first colour. A thread makes one pixel.
 * Grid: ceil(size / 8) each way.
 */
export function paintMaps(type: ElementType, scale: Scale): string {
  const { colours } = SCALES[scale];
  const steps = colours.length - 1;
  const parts = (colour: number) => `vec3f(${[16, 8, 0].map((shift) => (colour >> shift) & 255).join(', ')})`;
  return `${header(type)}
@group(0) @binding(2) var<storage, read> ranges: array<vec2f>;
@group(0) @binding(3) var output: texture_storage_2d<rgba8unorm, write>;

const COLOURS = array<vec3f, ${colours.length}>(${colours.map(parts).join(', ')});

fn colour(share: f32) -> vec3f {
  var colours = COLOURS;
  let place = clamp(share, 0.0, 1.0) * ${steps}.0;
  let lower = min(u32(place), ${steps - 1}u);
  return mix(colours[lower], colours[lower + 1u], place - f32(lower)) / 255.0;
}

@compute @workgroup_size(8, 8, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let size = textureDimensions(output);
  if (id.x >= size.x || id.y >= size.y) {
    return;
  }
  let cell = vec2u(params.width, params.height) + params.gap;
  let place = id.xy / cell;
  let pixel = id.xy % cell;
  let channel = place.y * params.columns + place.x;
  var result = vec4f(0.0);
  if (pixel.x < params.width && pixel.y < params.height && channel < params.channels) {
    let range = ranges[select(channel, 0u, params.sharedChannels > 0u)];
    let value = element(params.firstChannel + channel, pixel.y * params.width + pixel.x);
    let span = range.y - range.x;
    result = vec4f(colour(select(0.0, (value - range.x) / span, span > 0.0)), 1.0);
  }
  textureStore(output, id.xy, result);
}`;
}

/** A part of a picture, pixel by pixel, from `origin` on. */
export function showPart(): string {
  return `
struct Params {
  originX: u32,
  originY: u32,
}
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var picture: texture_2d<f32>;

@vertex
fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
  return vec4f(select(-1.0, 3.0, index == 1u), select(-1.0, 3.0, index == 2u), 0.0, 1.0);
}

@fragment
fn shade(@builtin(position) position: vec4f) -> @location(0) vec4f {
  return textureLoad(picture, vec2u(position.xy) + vec2u(params.originX, params.originY), 0);
}`;
}
