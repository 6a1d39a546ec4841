import { elementwise } from '../constants.ts';
import { refuse } from '../problems.ts';
import { type OperatorFunctions, unsupported } from './node.ts';
import { isComputed } from './operand.ts';

/** The same numbers, as another type has them. */
export const CASTS = {
  /** Towards zero, where whole numbers are made of others. */
  CAST(n) {
    const { type } = n.outputs[0] ?? refuse('The operator has no output.');
    // These are the numbers that its integers stand for.
    if (isComputed(n.operand(0)) && n.inputs[0]?.quantization) unsupported('its input is quantized');
    const isRounded = n.inputs[0]?.type.startsWith('float') && !type.startsWith('float');
    const operand = n.operand(0);
    if (!isRounded) return operand;
    if (!isComputed(operand)) return elementwise(n.name, 'int64', [operand], Math.trunc);
    if (type === 'bool') unsupported('it makes true or false of numbers');
    return operand.with((value) => n.g.mul(n.g.sign(value), n.g.floor(n.g.abs(value))));
  },
  DENSIFY: (n) => n.operand(0),
  DEQUANTIZE: (n) => n.operand(0),
  QUANTIZE: (n) => (isComputed(n.operand(0)) ? n.limited(n.computed(), 0) : n.operand(0)),
} as const satisfies OperatorFunctions;
