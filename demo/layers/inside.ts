import type { ImageSize, Network, NetworkInput } from 'linnet';
import type { ElementType } from '../network/feature-maps.wgsl.ts';
import type { Layer } from '../network/layers-of.ts';
import { type Fields, PREVIEW_FIELDS, PUT_FIELDS, preview, put, TAKE_FIELDS, take } from './inside.wgsl.ts';
import { mapLayout } from './map-layout.ts';
import type { Edge } from './network-graph.ts';
import { type Preview, previewSize, SIDE } from './previews.ts';

/** Something of a network that is let through in part: 1 is as it was trained, 0 is off. */
export type Change = { readonly layer: number; readonly strength: number } & (
  | { readonly kind: 'layer' }
  | { readonly kind: 'channel'; readonly channel: number }
  /** Only for `layer`, which reads it; others get all of it. */
  | { readonly kind: 'skip'; readonly edge: Edge }
);

/** What each place of the last maps adds to the score of each class: `[classes, height, width]`. */
export interface Heat extends ImageSize {
  readonly values: Float32Array;
}

export interface Answer {
  /** Probabilities of the classes, or of a segmenter its mask `[classes, height, width]`. */
  readonly scores: Float32Array;
  /** One for each layer. */
  readonly previews: readonly Preview[];
  readonly heat: Heat | undefined;
}

/** A network whose layers, channels and skips can be faded, on the page's device. One call at a time. */
export interface Inside {
  answer(image: NetworkInput, changes: readonly Change[]): Promise<Answer>;
  /**
   * Runs as far as a layer. `draw` is called while what that has written lies in memory; the result are these of its channels, one
   * after another.
   */
  maps(
    image: NetworkInput,
    changes: readonly Change[],
    layer: number,
    channels: { readonly start: number; readonly count: number },
    draw: (elements: GPUBufferBinding) => void,
  ): Promise<Float32Array>;
}

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

/** A kernel of this page, whose parameters lie in a buffer that is made when all are known. */
interface Own {
  readonly pipeline: GPUComputePipeline;
  readonly params: ArrayBuffer;
  readonly resources: readonly GPUBindingResource[];
  readonly workgroups: readonly [number, number, number];
}

interface Copy {
  readonly copy: readonly [source: GPUBuffer, sourceOffset: number, target: GPUBuffer, offset: number, bytes: number];
}

type Step = Dispatch | Own | Copy;

const PARAMS_STRIDE = 256;
/** Adreno 730 fails on long command buffers. */
const STEPS_PER_ENCODER = 48;
const PREVIEW_FLOATS = SIDE * SIDE + 1;
/** Each place of the last maps is a run of what comes after them. */
const MOST_PLACES = 400;
const NOWHERE = 0xffffffff;

/**
 * The network's own kernels in its own memory, with kernels of this page between them: what a layer wrote is scaled before others
 * read it, and a skip for the time of the one kernel that reads it. So nothing is loaded or compiled when something is faded.
 */
export async function lookInside(network: Network, layers: readonly Layer[]): Promise<Inside> {
  const { device, plan } = network;
  const label = 'inside';
  const compile = (code: string) => {
    const module = device.createShaderModule({ label, code });
    return device.createComputePipelineAsync({ label, layout: 'auto', compute: { module } });
  };
  const compileFor = async (type: ElementType) => {
    const [taking, putting, previewing] = await Promise.all([take(type), put(type), preview(type)].map(compile));
    return { taking, putting, previewing } as Record<'taking' | 'putting' | 'previewing', GPUComputePipeline>;
  };
  const float32 = await compileFor('float32');
  const pipelines = { float32, float16: plan.elementType === 'float16' ? await compileFor('float16') : float32 };
  const output = network.outputs.probabilities ?? network.outputs.mask ?? Object.values(network.outputs)[0];
  if (!output) throw new TypeError('The network has no outputs.');
  const layouts = layers.map((layer) => mapLayout(plan, layer));
  const head = headOf(network, layers);
  let arenas: ReadonlyMap<number, GPUBuffer> | undefined;

  const rangeOf = (value: number): Required<GPUBufferBinding> => {
    const planned = plan.values[value];
    const buffer = planned && arenas?.get(planned.arena);
    if (!buffer) throw new TypeError(`The value ${value} has no place.`);
    return { buffer, offset: planned.offset, size: planned.bytes };
  };

  /** Where channels of a value lie. */
  interface Part {
    readonly value: number;
    readonly first: number;
    readonly count: number;
    readonly pixels: number;
    readonly lanes: number;
    readonly type: ElementType;
  }
  const partOf = (layer: number): Part => {
    const { first, channels, width, height, lanes, elementType } = layouts[layer] as (typeof layouts)[number];
    const value = (layers[layer] as Layer).output.value;
    return { value, first, count: channels, pixels: width * height, lanes, type: elementType };
  };
  const partOfEdge = ({ value, first, count }: Pick<Edge, 'value' | 'first' | 'count'>): Part => {
    const [, , height = 1, width = 1] = plan.values[value]?.shape ?? [];
    return { value, first, count, pixels: width * height, lanes: 4, type: plan.elementType };
  };

  /** Steps, and the buffers that are needed until they are done. */
  const begin = (image: NetworkInput) => {
    const inputs = { image };
    arenas ??= arenasOf(network, inputs);
    const dispatches = dispatchesOf(network, inputs);
    const steps: Step[] = [];
    const buffers: GPUBuffer[] = [];
    const buffer = (bytes: number, usage: number) => {
      const made = device.createBuffer({ label, size: Math.max(4, bytes), usage });
      buffers.push(made);
      return made;
    };
    const { STORAGE, COPY_SRC, COPY_DST, MAP_READ, UNIFORM } = GPUBufferUsage;
    const scratch = (floats: number) => buffer(4 * floats, STORAGE | COPY_SRC | COPY_DST);
    const taken = ({ value, first, count, pixels, lanes, type }: Part): GPUBuffer => {
      const target = scratch(count * pixels);
      steps.push({
        pipeline: pipelines[type].taking,
        params: packed(TAKE_FIELDS, { firstChannel: first, pixels, lanes }),
        resources: [rangeOf(value), { buffer: target }],
        workgroups: [Math.ceil(pixels / 64), count, 1],
      });
      return target;
    };
    interface Amount {
      readonly strength: number;
      readonly hidden?: number;
      /** What is there at no strength: this number, or a buffer's, within bounds. */
      readonly without?: number | { readonly buffer: GPUBuffer; readonly least: number; readonly most: number };
      /** Of the channels that were taken, counted from their first one. */
      readonly takenFrom?: number;
    }
    const give = (source: GPUBuffer, { value, first, count, pixels, lanes, type }: Part, amount: Amount) => {
      const { strength, hidden = NOWHERE, without = 0, takenFrom = 0 } = amount;
      const rest = typeof without === 'number' ? { buffer: source, least: without, most: without } : without;
      const { least, most } = rest;
      steps.push({
        pipeline: pipelines[type].putting,
        params: packed(PUT_FIELDS, { firstChannel: first, takenFrom, pixels, lanes, hidden, strength, least, most }),
        resources: [rangeOf(value), { buffer: source }, { buffer: rest.buffer }],
        workgroups: [Math.ceil(pixels / 64), count, 1],
      });
    };

    /** The kernels of a layer, and what is done to what they read and write. */
    const compute = (index: number, changes: readonly Change[]) => {
      const { kernels, last } = layers[index] as Layer;
      const own = changes.filter(({ layer, strength }) => layer === index && strength !== 1);
      const start = last - kernels.length + 1;
      for (const [at, kernel] of kernels.entries()) {
        const faded = own.flatMap((change) => {
          if (change.kind !== 'skip') return [];
          const { operand, value } = change.edge;
          const isRead = kernel.bindings.some(
            (binding) => binding.name === operand && 'value' in binding && binding.value === value,
          );
          if (!isRead) return [];
          const part = partOfEdge(change.edge);
          const whole = taken(part);
          // Factors that change nothing are ones.
          give(whole, part, { strength: change.strength, without: operand === 'scale' ? 1 : 0 });
          return [{ whole, part }];
        });
        steps.push(dispatches[start + at] as Dispatch);
        for (const { whole, part } of faded) give(whole, part, { strength: 1 });
      }
      const layer = own.find(({ kind }) => kind === 'layer')?.strength ?? 1;
      const channels = own.flatMap((change) => (change.kind === 'channel' ? [change] : []));
      if (layer === 1 && channels.length === 0) return;
      const part = partOf(index);
      const whole = taken(part);
      const without = residualOf(layers[index] as Layer);
      const rest = without && {
        ...without,
        buffer: taken({ ...partOfEdge({ ...part, ...without }), count: part.count }),
      };
      const amount = (strength: number) => ({ strength, ...(rest && { without: rest }) });
      if (layer !== 1) give(whole, part, amount(layer));
      for (const { channel, strength } of channels) {
        give(
          whole,
          { ...part, first: part.first + channel, count: 1 },
          { ...amount(strength * layer), takenFrom: channel },
        );
      }
    };

    /** Submits the steps, and reads a buffer. */
    const finish = async (source: GPUBuffer, bytes: number, afterSubmit?: () => void): Promise<Float32Array> => {
      const target = buffer(bytes, MAP_READ | COPY_DST);
      steps.push({ copy: [source, 0, target, 0, bytes] });
      const ownSteps = steps.filter((step) => 'params' in step);
      const params = buffer(ownSteps.length * PARAMS_STRIDE, UNIFORM | COPY_DST);
      const blocks = new Uint8Array(ownSteps.length * PARAMS_STRIDE);
      for (const [index, step] of ownSteps.entries()) blocks.set(new Uint8Array(step.params), index * PARAMS_STRIDE);
      device.queue.writeBuffer(params, 0, blocks);
      const bound = new Map(
        ownSteps.map(({ pipeline, params: { byteLength: size }, resources }, index) => [
          ownSteps[index] as Step,
          device.createBindGroup({
            label,
            layout: pipeline.getBindGroupLayout(0),
            entries: [{ buffer: params, offset: index * PARAMS_STRIDE, size }, ...resources].map(
              (resource, binding) => ({ binding, resource }),
            ),
          }),
        ]),
      );
      const commands: GPUCommandBuffer[] = [];
      for (let start = 0; start < steps.length; start += STEPS_PER_ENCODER) {
        const encoder = device.createCommandEncoder({ label });
        let pass: GPUComputePassEncoder | undefined;
        for (const step of steps.slice(start, start + STEPS_PER_ENCODER)) {
          if ('copy' in step) {
            pass?.end();
            pass = undefined;
            encoder.copyBufferToBuffer(...step.copy);
            continue;
          }
          pass ??= encoder.beginComputePass({ label });
          pass.setPipeline(step.pipeline);
          pass.setBindGroup(0, 'params' in step ? (bound.get(step) as GPUBindGroup) : step.bindGroup);
          pass.dispatchWorkgroups(...step.workgroups);
        }
        pass?.end();
        commands.push(encoder.finish());
      }
      try {
        device.queue.submit(commands);
        afterSubmit?.();
        await target.mapAsync(GPUMapMode.READ);
        return new Float32Array(target.getMappedRange().slice(0));
      } finally {
        for (const made of buffers) made.destroy();
      }
    };
    return { steps, scratch, taken, give, compute, finish };
  };

  return {
    async answer(image, changes) {
      const { steps, scratch, taken, give, compute, finish } = begin(image);
      const places = head ? head.width * head.height : 0;
      const classes = head ? head.classes : 0;
      const scoresAt = layers.length * PREVIEW_FLOATS;
      const heatAt = scoresAt + output.bytes / 4;
      // Scores of all classes first as they are, then without each place.
      const floats = heatAt + (places + 1) * classes;
      const results = scratch(floats);
      for (const index of layers.keys()) {
        compute(index, changes);
        const { value, first, count, lanes, type } = partOf(index);
        const { width, height } = layouts[index] as (typeof layouts)[number];
        const { width: columns, height: rows } = previewSize(width, height, count);
        steps.push({
          pipeline: pipelines[type].previewing,
          params: packed(PREVIEW_FIELDS, {
            firstChannel: first,
            channels: count,
            width,
            height,
            lanes,
            columns,
            rows,
            start: index * PREVIEW_FLOATS,
          }),
          resources: [rangeOf(value), { buffer: results }],
          workgroups: [1, 1, 1],
        });
        if (head && index === head.maps) {
          // What comes after the maps may take their memory, so they are kept.
          const part = partOfEdge(head);
          const whole = taken(part);
          for (let place = 0; place <= places; place++) {
            give(whole, part, { strength: 1, ...(place > 0 && { hidden: place - 1 }) });
            for (let after = head.maps + 1; after <= head.logits; after++) compute(after, changes);
            const bytes = 4 * classes;
            steps.push({ copy: [head.scores, 0, results, 4 * heatAt + place * bytes, bytes] });
          }
          give(whole, part, { strength: 1 });
        }
      }
      steps.push({ copy: [output.buffer, 0, results, 4 * scoresAt, output.bytes] });
      const data = await finish(results, 4 * floats);
      return {
        scores: data.slice(scoresAt, heatAt),
        previews: layouts.map(({ width, height, channels }, index) => {
          const size = previewSize(width, height, channels);
          const start = index * PREVIEW_FLOATS;
          return {
            ...size,
            channel: width * height > 1 ? data[start] : undefined,
            values: data.slice(start + 1, start + 1 + size.width * size.height),
          };
        }),
        heat: head && {
          width: head.width,
          height: head.height,
          values: shares(data.subarray(heatAt), classes, places),
        },
      };
    },
    maps(image, changes, layer, { start, count }, draw) {
      const { compute, taken, finish } = begin(image);
      for (let index = 0; index <= layer; index++) compute(index, changes);
      const part = partOf(layer);
      const page = { ...part, first: part.first + start, count };
      return finish(taken(page), 4 * count * part.pixels, () => draw(rangeOf(part.value)));
    },
  };
}

/** What a place adds is what the score is less without it. */
function shares(scores: Float32Array, classes: number, places: number): Float32Array {
  const values = new Float32Array(classes * places);
  for (let index = 0; index < classes; index++) {
    for (let place = 0; place < places; place++) {
      values[index * places + place] = (scores[index] as number) - (scores[(place + 1) * classes + index] as number);
    }
  }
  return values;
}

/**
 * The end of a classifier: what reads its last maps, down to the scores. Class activation mapping (arXiv 1512.04150) weighs the maps
 * by the classifier's weights, which is what a place adds to a score through an average and a dense layer; where a place is left out
 * and the rest computed again, the same number comes, and other ends than that have one too.
 */
function headOf({ plan, outputs }: Network, layers: readonly Layer[]) {
  const { logits } = outputs;
  const planned = plan.outputs.logits;
  if (!logits || !planned) return undefined;
  const areaOf = ({ shape: [, , height = 1, width = 1] }: Layer) => height * width;
  const maps = layers.findLastIndex((layer) => areaOf(layer) > 1);
  const last = layers.findLastIndex(({ output }) => output.value === planned.value);
  const bound = layers
    .slice(maps + 1, last + 1)
    .flatMap(({ kernels }) => kernels)
    .flatMap(({ bindings }) => bindings.flatMap((binding) => ('value' in binding ? [binding] : [])));
  const made = new Set(bound.filter(({ name }) => name === 'output').map(({ value }) => value));
  const before = bound.filter(({ value }) => !made.has(value));
  const [input] = before;
  // Of what else is read nothing is known after what comes then.
  if (!input || before.some(({ value }) => value !== input.value)) return undefined;
  const [, all = 1, height = 1, width = 1] = plan.values[input.value]?.shape ?? [];
  const [first, count] = input.channels ?? [0, all];
  if (width * height > MOST_PLACES) return undefined;
  const classes = planned.bytes / 4;
  return { maps, logits: last, value: input.value, first, count, width, height, classes, scores: logits.buffer };
}

/** Where a layer that adds to what it is given finds that; and the bounds of the activation after it. */
function residualOf({ kernels }: Layer) {
  for (const { bindings, params } of kernels) {
    const residual = bindings.find(({ name }) => name === 'residual');
    if (!residual || !('value' in residual)) continue;
    const bound = (name: string, unbounded: number) => {
      const value = params.find((param) => param.name === name)?.value ?? unbounded;
      return Math.abs(value) > LARGEST ? unbounded : value;
    };
    const [first = 0] = residual.channels ?? [];
    return { value: residual.value, first, least: bound('minValue', -LARGEST), most: bound('maxValue', LARGEST) };
  }
  return undefined;
}

/** Of float32, nearly. */
const LARGEST = 3e38;

function packed<Names extends string>(fields: Readonly<Record<Names, 'u32' | 'f32'>>, values: Record<Names, number>) {
  const block = new DataView(new ArrayBuffer(4 * Object.keys(fields).length));
  for (const [index, [name, type]] of (Object.entries(fields) as [Names, Fields[string]][]).entries()) {
    if (type === 'u32') block.setUint32(4 * index, values[name], true);
    else block.setFloat32(4 * index, values[name], true);
  }
  return block.buffer as ArrayBuffer;
}

/** What a network records, one dispatch for each kernel of its plan: for an encoder that takes it down. */
function dispatchesOf(network: Network, inputs: Readonly<Record<string, NetworkInput>>): Dispatch[] {
  const { encoder, dispatches } = notebook();
  network.encode(encoder, inputs);
  if (dispatches.length !== network.plan.kernels.length) throw new TypeError('A kernel takes several dispatches.');
  return dispatches;
}

/** The buffers of the arenas, by way of a kernel that writes into each. */
function arenasOf(network: Network, inputs: Readonly<Record<string, NetworkInput>>): Map<number, GPUBuffer> {
  const { plan } = network;
  const arenas = new Map<number, GPUBuffer>();
  for (const [index, { bindings }] of plan.kernels.entries()) {
    const written = bindings.find(({ name }) => name === 'output');
    const arena = written && 'value' in written ? plan.values[written.value]?.arena : undefined;
    if (arena === undefined || arenas.has(arena)) continue;
    arenas.set(arena, network.encodeUntil(notebook().encoder, inputs, index).buffer);
  }
  return arenas;
}

function notebook() {
  const dispatches: Dispatch[] = [];
  let pipeline: GPUComputePipeline;
  let bindGroup: GPUBindGroup;
  const pass = {
    setPipeline(set: GPUComputePipeline) {
      pipeline = set;
    },
    setBindGroup(_index: number, set: GPUBindGroup) {
      bindGroup = set;
    },
    dispatchWorkgroups(x: number, y = 1, z = 1) {
      dispatches.push({ pipeline, bindGroup, workgroups: [x, y, z] });
    },
    end() {},
  };
  // A network asks nothing else of the encoder that an app gives it.
  const encoder = { beginComputePass: () => pass } as unknown as GPUCommandEncoder;
  return { encoder, dispatches };
}
