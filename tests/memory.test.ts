// Where values lie: hand-drawn cases with the sums that the planner must reach, and what must hold for every plan.
import { expect, test } from 'playwright/test';
import { mobileNetV1, mobileNetV2, mobileNetV3, resNet, resNeXt } from '../architectures/index.ts';
import type { Architecture } from '../engine/architecture.ts';
import { planFor } from '../engine/compile.ts';
import {
  type Assignment,
  assignMemory,
  assignWithoutReuse,
  livesOverlap,
  type UsageRecord,
} from '../engine/plan/memory.ts';
import type { Plan, PlannedValue } from '../engine/plan/plan.ts';
import { randomNetwork } from './random-graph.ts';

const record = (bytes: number, first: number, last: number, ...apart: number[]): UsageRecord => ({
  bytes,
  first,
  last,
  apart,
});

const drawn: [string, UsageRecord[], bytes: number][] = [
  ['nothing', [], 0],
  ['one value', [record(1024, 0, 0)], 1024],
  ['bytes are rounded up to 256', [record(1, 0, 0)], 256],
  // 0: a        1: a -> b        2: b -> c
  ['a chain needs two arenas', [record(1024, 0, 1), record(512, 1, 2, 0), record(768, 2, 2, 1)], 1024 + 512],
  // A residual block: x lives until the sum, which is written while x and the branch are read.
  [
    'a residual block needs three arenas',
    [record(256, 0, 3), record(1024, 1, 2, 0), record(1024, 2, 3, 1), record(256, 3, 3, 0, 2)],
    1024 + 1024 + 256,
  ],
  // Two small values that are read at once may lie side by side, and in the place of a large one that is dead.
  [
    'two small values fill the place of a large one',
    [record(2048, 0, 1), record(256, 1, 2, 0), record(1024, 2, 4, 1), record(1024, 3, 4, 1), record(256, 4, 4, 2, 3)],
    2048 + 256,
  ],
  [
    'lives that do not meet share, whatever lies between them',
    [record(512, 0, 1), record(256, 1, 2, 0), record(512, 2, 3, 1), record(256, 3, 4, 2), record(512, 4, 4, 3)],
    512 + 256,
  ],
  // As in ResNeXt: 0 is a block's input, 3 its result, 6 the next one's. Taken largest first, small values make the arena
  // of a large one grow.
  [
    'small values leave the large ones their two arenas',
    [
      record(1024, 0, 3),
      record(512, 1, 2, 0),
      record(512, 2, 3, 1),
      record(1024, 3, 6, 0, 2),
      record(512, 4, 5, 3),
      record(512, 5, 6, 4),
      record(1024, 6, 6, 3, 5),
    ],
    1024 + 1024 + 512,
  ],
  // 1 writes the first half of a value whose second half is written at the end; meanwhile others lie there.
  [
    'what a later part will take is free until then',
    [
      record(256, 0, 1),
      {
        ...record(1024, 1, 5, 0, 4),
        parts: [
          { offset: 0, bytes: 512, first: 1, last: 5 },
          { offset: 512, bytes: 512, first: 5, last: 5 },
        ],
      },
      record(512, 2, 3, 1),
      record(512, 3, 4, 2),
      record(512, 4, 5, 3),
    ],
    1024 + 512,
  ],
  [
    'what an earlier part has left is free',
    [
      {
        ...record(1024, 0, 4),
        parts: [
          { offset: 0, bytes: 512, first: 0, last: 1 },
          { offset: 512, bytes: 512, first: 0, last: 4 },
        ],
      },
      record(512, 1, 2, 0),
      record(512, 2, 3, 1),
      record(512, 3, 4, 2),
    ],
    1024 + 512,
  ],
  // Among all values largest first, 3 would take the arena in which 2 lies until 4.
  [
    'scratch takes what the others leave',
    [record(1024, 0, 2), record(512, 2, 4, 0), { ...record(512, 1, 2), isScratch: true }, record(1024, 4, 5, 1)],
    1024 + 512 + 512,
  ],
  [
    'three values that must all be apart have three arenas',
    [record(256, 0, 2), record(256, 1, 2, 0), record(256, 2, 2, 0, 1)],
    3 * 256,
  ],
];

for (const [name, records, bytes] of drawn) {
  test(name, () => {
    expect(assignMemory(records).arenas.reduce((sum, arena) => sum + arena, 0)).toBe(bytes);
    expectSound(records);
  });
}

test('an arena grows no larger than a buffer may be', () => {
  const records = [0, 1, 2, 3, 4].map(() => record(512, 0, 1));
  expect(assignMemory(records).arenas).toEqual([2560, 0, 0]);
  expect(assignMemory(records, 1000).arenas).toEqual([512, 512, 512, 512, 512]);
  expect(assignMemory(records, 1024).arenas).toEqual([1024, 1024, 512]);
});

test('without reuse every record has an arena of its own', () => {
  const records = [record(1000, 0, 1), record(512, 1, 2, 0)];
  expect(assignWithoutReuse(records)).toEqual({
    arenas: [1024, 512],
    places: [
      { arena: 0, offset: 0 },
      { arena: 1, offset: 0 },
    ],
  });
});

test('lives overlap when they share a step', () => {
  const life = (first: number, last: number) => ({ first, last });
  expect(livesOverlap(life(0, 2), life(2, 3))).toBe(true);
  expect(livesOverlap(life(2, 3), life(0, 2))).toBe(true);
  expect(livesOverlap(life(0, 9), life(4, 5))).toBe(true);
  expect(livesOverlap(life(0, 1), life(2, 3))).toBe(false);
});

/** No two records that live at once overlap, and what must be apart is. */
function expectSound(records: readonly UsageRecord[]): void {
  const { arenas, places } = assignMemory(records);
  for (const [a, first] of records.entries()) {
    const place = places[a] as Assignment['places'][number];
    expect(place.offset % 256).toBe(0);
    expect(place.offset + first.bytes).toBeLessThanOrEqual(arenas[place.arena] as number);
    for (const other of first.apart) expect(places[other]?.arena).not.toBe(place.arena);
    for (let b = 0; b < a; b++) {
      const [second, where] = [records[b] as UsageRecord, places[b] as Assignment['places'][number]];
      if (where.arena !== place.arena) continue;
      for (const part of first.parts ?? [{ ...first, offset: 0 }]) {
        for (const other of second.parts ?? [{ ...second, offset: 0 }]) {
          if (other.first > part.last || part.first > other.last) continue;
          const [start, from] = [place.offset + part.offset, where.offset + other.offset];
          const disjoint = start + part.bytes <= from || from + other.bytes <= start;
          expect(disjoint, `records ${a} and ${b}`).toBe(true);
        }
      }
    }
  }
}

/**
 * Runs a plan in thought: every kernel must find in its inputs' bytes what their writers left there, and at the end the
 * outputs must still be whole. That needs neither `first` nor `last`, so it checks those too.
 */
function problemsOf({ arenas, values, kernels, inputs, outputs }: Plan): string[] {
  const problems: string[] = [];
  const check = (condition: boolean, problem: string) => {
    if (!condition) problems.push(problem);
  };
  // Of each 16 bytes, a vector: whose value is there.
  const owners = arenas.map(({ bytes }) => new Int32Array(bytes / 16).fill(-1));
  /** The vectors of some channels of a value, in each item of its batch. */
  const ranges = (index: number, [first, count]: readonly [number, number]) => {
    const { arena, offset, bytes, shape } = values[index] as PlannedValue;
    const [batch, channels] = shape;
    const sliceVectors = bytes / 16 / batch / Math.ceil(channels / 4);
    return Array.from({ length: batch }, (_, item) => {
      const start = offset / 16 + item * Math.ceil(channels / 4) * sliceVectors;
      const [from, to] = [Math.floor(first / 4), Math.ceil((first + count) / 4)];
      return (owners[arena] as Int32Array).subarray(start + from * sliceVectors, start + to * sliceVectors);
    });
  };
  const isWhole = (index: number, channels: readonly [number, number]) =>
    ranges(index, channels).every((vectors) => vectors.every((owner) => owner === index));
  const lives = values.map(() => ({ first: -1, last: -1 }));
  // Which channels have been written. A kernel writes whole slices of four, but must not reach over what is there.
  const written = values.map(({ shape }) => new Array<boolean>(shape[1] + 3).fill(false));
  // Which kernels of which node wrote it last: those of one node may write pixels each, or their scratch again and again.
  const writers: string[] = [];
  const channelsOf = ({ value, channels }: { value: number; channels?: readonly [number, number] }) =>
    channels ?? ([0, values[value]!.shape[1]] as const);

  for (const { name, arena, offset, bytes } of values) {
    check(offset % 256 === 0, `'${name}' lies at ${offset}, which is no multiple of 256`);
    check(offset + bytes <= (arenas[arena]?.bytes ?? 0), `'${name}' reaches over the end of its arena`);
  }
  for (const { tensor } of Object.values(inputs)) {
    (written[tensor] as boolean[]).fill(true);
    (lives[tensor] as { first: number }).first = 0;
    for (const vectors of ranges(tensor, channelsOf({ value: tensor }))) vectors.fill(tensor);
  }
  for (const [step, { name, kind, bindings }] of kernels.entries()) {
    const bound = (toWrite: boolean) =>
      bindings.flatMap((binding) => ('value' in binding && (binding.name === 'output') === toWrite ? [binding] : []));
    const [output, ...others] = bound(true);
    check(output !== undefined && others.length === 0, `'${name}' does not write one value`);
    if (!output) continue;
    for (const input of bound(false)) {
      const inputName = values[input.value]?.name;
      const [from, count] = channelsOf(input);
      check(isWhole(input.value, [from, count]), `'${name}' reads '${inputName}', part of which is overwritten`);
      check(
        (written[input.value] as boolean[]).slice(from, from + count).every(Boolean),
        `'${name}' reads channels of '${inputName}' that are not written`,
      );
      check(
        values[input.value]?.arena !== values[output.value]?.arena,
        `'${name}' binds an arena for reading and for writing`,
      );
      (lives[input.value] as { last: number }).last = step;
    }
    const life = lives[output.value] as { first: number; last: number };
    const [from, count] = channelsOf(output);
    const lanes = written[output.value] as boolean[];
    const writer = `${kind} ${name}`;
    const isAgain = /^winograd|^conv2d-pointwise$|^place$/.test(kind) && writers[output.value] === writer;
    check(
      isAgain || lanes.slice(from, Math.ceil((from + count) / 4) * 4).every((lane) => !lane),
      `'${name}' writes what was written`,
    );
    writers[output.value] = writer;
    // What was written into the first slice before is kept; into the others, nothing was.
    const kept = from - (from % 4);
    check(
      from === kept || isWhole(output.value, [kept, from - kept]),
      `'${name}' completes a slice that is overwritten`,
    );
    lanes.fill(true, from, from + count);
    if (life.first < 0) life.first = step;
    life.last = step;
    for (const vectors of ranges(output.value, [from, count])) vectors.fill(output.value);
  }
  for (const [name, { value }] of Object.entries(outputs)) {
    check(isWhole(value, channelsOf({ value })), `output '${name}' is overwritten`);
    const sharers = values.filter(({ arena }) => arena === values[value]?.arena);
    check(sharers.length === 1, `output '${name}' shares its arena`);
    (lives[value] as { last: number }).last = kernels.length - 1;
  }
  for (const [index, { name, first, last }] of values.entries()) {
    const life = lives[index];
    check(
      life?.first === first && life.last === last,
      `'${name}' lives from ${life?.first} to ${life?.last}, not from ${first} to ${last}`,
    );
  }
  return problems;
}

function expectAllSound(network: Architecture): void {
  const plan = planFor(network);
  expect(problemsOf(plan), network.name).toEqual([]);
  const separate = planFor(network, undefined, { reuse: false });
  expect(problemsOf(separate), `${network.name} without reuse`).toEqual([]);
  expect(new Set(separate.values.map(({ arena }) => arena)).size).toBe(separate.values.length);
  const bytes = ({ arenas }: Plan) => arenas.reduce((sum, arena) => sum + arena.bytes, 0);
  expect(bytes(plan)).toBeLessThanOrEqual(bytes(separate));
  expect(separate.kernels).toEqual(plan.kernels);
}

for (let hundred = 0; hundred < 2; hundred++) {
  test(`random networks ${hundred * 100} to ${hundred * 100 + 99}`, () => {
    for (let seed = hundred * 100; seed < (hundred + 1) * 100; seed++) {
      expectAllSound(randomNetwork(seed, 4 + (seed % 40)));
    }
  });
}

for (const batch of [1, 2]) {
  for (const inputSize of [
    [224, 224],
    [97, 131],
    [33, 40],
  ] as const) {
    test(`every network at ${inputSize.join(' x ')}, batch ${batch}`, () => {
      const options = { inputSize, batch, classes: 7 };
      for (const width of [0.25, 1, 1.3]) {
        expectAllSound(mobileNetV1({ alpha: width, ...options }));
        expectAllSound(mobileNetV2({ width, ...options }));
        expectAllSound(mobileNetV3({ width, variant: 'small', ...options }));
        expectAllSound(mobileNetV3({ width, variant: 'large', ...options }));
      }
      for (const depth of [18, 34, 50, 101, 152] as const) expectAllSound(resNet({ depth, ...options }));
      for (const depth of [50, 101] as const) expectAllSound(resNeXt({ depth, ...options }));
    });
  }
}
