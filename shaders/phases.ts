import { times } from './wgsl.ts';

/*
 * Which taps of a transposed convolution's filter meet in an output. Along an axis, input i adds its product with tap k to
 * output i * stride + k * dilation - padding. So the taps of output o are those with k * dilation = o + padding modulo the
 * stride: the same for all outputs of one phase, o + padding modulo the stride.
 */

export interface Phases {
  /** Outputs at `o + padding` have taps where this divides it. */
  readonly divisor: number;
  /** Such an output's taps lie so far apart, */
  readonly period: number;
  /** the first one is (o + padding) / divisor * inverse modulo `period`, */
  readonly inverse: number;
  /** and each reads the input so many pixels before that of the tap before. */
  readonly step: number;
}

/** The solutions of k * dilation = o + padding, modulo the stride. */
export function phasesOf(stride: number, dilation: number): Phases {
  const taps = times(stride + 1, (k) => k);
  const period = taps.find((k) => k > 0 && (k * dilation) % stride === 0) as number;
  const divisor = stride / period;
  const step = dilation / divisor;
  const inverse = taps.find((k) => (k * step) % period === 1 % period) as number;
  return { divisor, period, inverse, step };
}

/**
 * Where tap `k` of the output with this padding adds: in the phase counted from the outputs whose number is a multiple of
 * the stride, the input at output / stride + `input`.
 */
export function tapAt(k: number, { stride, dilation, padding }: Record<'stride' | 'dilation' | 'padding', number>) {
  const shift = k * dilation - padding;
  const input = -Math.floor(shift / stride);
  return { phase: shift + input * stride, input };
}
