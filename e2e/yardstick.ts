// Work that has nothing to do with what is tested, to which times are compared: a busy machine, or a slow one, takes longer for both.
import type { Page } from 'playwright/test';

/** What a page's script does in some 40 milliseconds, on the machine on which the bounds were found. */
export function scriptYardstick(): number {
  const made: { value: number; text: string }[] = [];
  let value = 1;
  for (let round = 0; round < 3e6; round++) {
    value = (value * 1103515245 + 12345) & 0x7fffffff;
    if (round % 16 === 0) made.push({ value, text: `${value}` });
  }
  return made.length;
}

/** Milliseconds in which a blank page gets a device, compiles eight shaders that no cache knows and does the above ten times. */
export async function pageYardstick(page: Page): Promise<number> {
  return page.evaluate(`(${timeYardstick})(${scriptYardstick})`) as Promise<number>;
}

async function timeYardstick(script: () => number): Promise<number> {
  const start = performance.now();
  const device = await (await navigator.gpu.requestAdapter())?.requestDevice();
  if (!device) throw new Error('There is no device.');
  const pipelines = Array.from({ length: 8 }, (_, index) => {
    const lines = Array.from(
      { length: 12 },
      (_, line) => `sum += ${line + index}.5 * values[id.x + ${line}u] * values[id.y + ${line * 3}u] + sin(sum);`,
    );
    const code = `
      @group(0) @binding(0) var<storage, read_write> values: array<vec4f>;
      @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
        var sum = vec4f(${Math.random()});
        for (var round = 0u; round < id.z; round++) { ${lines.join('\n')} }
        values[id.x] = sum;
      }`;
    const module = device.createShaderModule({ code });
    return device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
  });
  for (let round = 0; round < 10; round++) {
    script();
    await new Promise((resolve) => setTimeout(resolve));
  }
  await Promise.all(pipelines);
  device.destroy();
  return performance.now() - start;
}
