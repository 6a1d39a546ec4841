/**
 * Every error that Linnet throws on purpose. Its message is whole sentences with the given and the expected value,
 * then a trail of where, innermost first:
 *
 *     The number of the filter's input channels is 24; it should be 32, as the input has 32.
 *      - While adding conv2d 'features.3.conv.0'
 *      - While building architecture 'mobilenet-v2'
 */
export abstract class LinnetError extends Error {
  /** What the engine was doing, innermost first. */
  readonly trail: string[] = [];

  while(doing: string): this {
    this.trail.push(doing);
    this.message += `\n - While ${doing}`;
    return this;
  }
}

/** This machine, browser or device cannot do it: no WebGPU, no adapter, limits too small, a feature missing. */
export class UnsupportedError extends LinnetError {
  override readonly name = 'UnsupportedError';
}

/** The author's graph or options are wrong. */
export class ArchitectureError extends LinnetError {
  override readonly name = 'ArchitectureError';
}

/** A file of weights is broken, or does not fit the graph. */
export class WeightsError extends LinnetError {
  override readonly name = 'WeightsError';
}

/** A model card is broken. */
export class CardError extends LinnetError {
  override readonly name = 'CardError';
}

/** A node that Linnet cannot compute. */
export interface UnsupportedNode {
  readonly name: string;
  readonly operator: string;
  /** A clause: what of it is not supported. */
  readonly reason: string;
}

/** A file of another format, `.onnx` or `.tflite`, is broken, or has nodes that Linnet cannot compute. */
export class ModelError extends LinnetError {
  override readonly name = 'ModelError';
  /** All of these nodes, in the file's order. */
  readonly unsupported: readonly UnsupportedNode[];

  constructor(
    message: string,
    { unsupported = [], ...options }: ErrorOptions & { unsupported?: readonly UnsupportedNode[] } = {},
  ) {
    super(message, options);
    this.unsupported = unsupported;
  }
}

/** What was given to `run`, `dispatch` or `encode` does not fit the network's inputs. */
export class InputError extends LinnetError {
  override readonly name = 'InputError';
}

/** A file could not be had: offline, an unknown address, another origin that forbids it, a server's refusal, a broken or stalled connection. */
export class FetchError extends LinnetError {
  override readonly name = 'FetchError';
  /** The server's answer, where there was one. */
  readonly status: number | undefined;

  constructor(message: string, { status, ...options }: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.status = status;
  }
}

/** A kernel's result is not finite; only a network that was compiled with `debug` looks. */
export class NumericsError extends LinnetError {
  override readonly name = 'NumericsError';
}

/** The GPU device is gone; `restore` brings the network back on a new one. */
export class DeviceLostError extends LinnetError {
  override readonly name = 'DeviceLostError';
}

/** Runs `work`; an error of Linnet's that leaves it learns what was being done. */
export function during<Result>(doing: string, work: () => Result): Result {
  const note = (error: unknown) => {
    if (error instanceof LinnetError) error.while(doing);
    throw error;
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(note) as Result) : result;
  } catch (error) {
    return note(error);
  }
}
