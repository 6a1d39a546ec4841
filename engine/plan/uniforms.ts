import type { ParamFields, ParamValues } from '../../shaders/kernel.ts';
import type { Param } from './plan.ts';

/** The members of a uniform block with their values, 0 where there is none, in the order of the shader's struct. */
export function paramsOf(fields: ParamFields, values: Readonly<Record<string, number>>): Param[] {
  return Object.entries(fields).map(([name, type]) => ({ name, type, value: values[name] ?? 0 }));
}

/** Writes members one after another: all have four bytes, which WGSL's uniform layout packs without gaps. */
export function writeParams(target: DataView, offset: number, params: readonly Param[]): void {
  for (const [index, { type, value }] of params.entries()) {
    if (type === 'f32') target.setFloat32(offset + index * 4, value, true);
    else target.setInt32(offset + index * 4, value, true);
  }
}

/** A uniform block by itself. */
export function packFields<Fields extends ParamFields>(fields: Fields, values: ParamValues<Fields>): ArrayBuffer {
  const params = paramsOf(fields, values);
  const block = new DataView(new ArrayBuffer(params.length * 4));
  writeParams(block, 0, params);
  return block.buffer as ArrayBuffer;
}
