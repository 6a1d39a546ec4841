import type { FetchError } from 'linnet';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useEscape } from './escape.ts';
import { type Strings, useStrings } from './strings.ts';

interface Description {
  title: string;
  help: string;
  /** How what the engine says is seen; unless given, as it is where it speaks the visitor's language, and else folded. */
  engine?: 'folded' | 'none';
}

/** A network was given to the page where no device can run it; its message is the network's name. */
export class NeedsGpuError extends Error {
  override readonly name = 'NeedsGpuError';
}

/** How Vite, Chromium, Firefox and Safari word it that a part of the page, or another file, did not come. */
const UNFETCHED =
  /Unable to preload|dynamically imported module|Importing a module script|Failed to fetch|NetworkError|Load failed/i;

/** What to call an error, and what helps. */
function describe(error: unknown, strings: Strings): Description {
  const { problem } = strings;
  const { help } = problem;
  switch (error instanceof Error ? error.name : '') {
    case 'UnsupportedError':
      if (navigator.gpu === undefined) {
        const needed = globalThis.isSecureContext ? help.noWebGpu : help.insecure;
        return { title: problem.noWebGpu, help: needed, engine: 'folded' };
      }
      return /no adapter/.test(String(error))
        ? { title: problem.noAdapter, help: help.noAdapter, engine: 'folded' }
        : { title: problem.unsupported, help: help.unsupported };
    case 'NeedsGpuError':
      return { title: problem.needsGpu((error as Error).message), help: help.needsGpu, engine: 'none' };
    case 'WeightsError':
      return { title: problem.weights, help: help.weights };
    case 'ModelError':
      return { title: problem.model, help: help.model };
    case 'CardError':
      return { title: problem.card, help: help.card };
    case 'FetchError':
      return unfetched((error as FetchError).status, strings);
    case 'ArchitectureError':
      return { title: problem.architecture, help: help.architecture };
    case 'InputError':
    case 'PictureError':
      return { title: problem.input, help: help.input };
    case 'DeviceLostError':
      return { title: problem.lost, help: help.lost };
    case 'NotAllowedError':
      return { title: problem.camera, help: help.cameraDenied };
    case 'NotFoundError':
    case 'NotReadableError':
      return { title: problem.camera, help: help.cameraMissing };
    default:
      if (UNFETCHED.test(String(error))) return unfetched(undefined, strings);
      return { title: problem.other, help: help.other };
  }
}

/** Whether it is the connection, the server, or the address. */
function unfetched(status: number | undefined, { problem }: Strings): Description {
  const { help } = problem;
  if (!navigator.onLine) return { title: problem.offline, help: help.offline };
  if (status === undefined) return { title: problem.unreachable, help: help.unreachable };
  return status >= 500
    ? { title: problem.server, help: help.server }
    : { title: problem.fetch, help: status === 404 ? help.noFile : help.refused };
}

interface Props {
  error: unknown;
  /** What to do when it is closed, besides that it is gone until there is another one. */
  onClose?: () => void;
  /** Whether it cannot be closed, since nothing goes on before it is mended. */
  stays?: boolean;
  /** What there is all the same. */
  more?: string | undefined;
  /** Buttons under the text. */
  children?: ComponentChildren;
}

/** An error in plain words: what it is, what the engine says, what helps. */
export function Problem({ error, onClose, stays = false, more, children }: Props) {
  const strings = useStrings();
  const box = useRef<HTMLDivElement>(null);
  // What caused it may be far away on the page: a file can be dropped anywhere.
  useEffect(() => {
    if (stays) return;
    // After the page has gone to the top of another view, if it came with that.
    const frame = requestAnimationFrame(() => box.current?.scrollIntoView({ block: 'nearest' }));
    return () => cancelAnimationFrame(frame);
  }, []);
  const [closed, setClosed] = useState<unknown>();
  const close = () => {
    setClosed(error);
    onClose?.();
  };
  useEscape(!stays && closed !== error, close);
  if (closed === error) return null;
  const { title, help, engine = strings.locale === 'en' ? 'shown' : 'folded' } = describe(error, strings);
  const [sentence, ...trail] = (error instanceof Error ? error.message : String(error)).split('\n');
  // The engine speaks English.
  const sayings = (
    <div lang="en">
      <p class="problem-message">{sentence}</p>
      {trail.length > 0 && (
        <ul class="problem-trail">
          {trail.map((line) => (
            <li key={line}>{line.replace(/^\s*-\s*/, '')}</li>
          ))}
        </ul>
      )}
    </div>
  );
  return (
    <div ref={box} class="problem" role="alert">
      <p class="problem-title">{title}</p>
      {engine === 'shown' && sayings}
      <p>
        {help} {more}
      </p>
      {engine === 'folded' && (
        <details>
          <summary>{strings.problem.details}</summary>
          {sayings}
        </details>
      )}
      {(children || !stays) && (
        <p class="actions">
          {children}
          {!stays && (
            <button type="button" onClick={close}>
              {strings.problem.dismiss}
            </button>
          )}
        </p>
      )}
    </div>
  );
}
