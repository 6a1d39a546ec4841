import type { FetchError } from 'linnet';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useEscape } from './escape.ts';
import { type Strings, useStrings } from './strings.ts';

interface Description {
  title: string;
  help: string;
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
        return { title: problem.noWebGpu, help: globalThis.isSecureContext ? help.noWebGpu : help.insecure };
      }
      return /no adapter/.test(String(error))
        ? { title: problem.noAdapter, help: help.noAdapter }
        : { title: problem.unsupported, help: help.unsupported };
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
  useEffect(() => box.current?.scrollIntoView({ block: 'nearest' }), []);
  const [closed, setClosed] = useState<unknown>();
  const close = () => {
    setClosed(error);
    onClose?.();
  };
  useEscape(!stays && closed !== error, close);
  if (closed === error) return null;
  const { title, help } = describe(error, strings);
  const [sentence, ...trail] = (error instanceof Error ? error.message : String(error)).split('\n');
  // The engine speaks English.
  const engine = (
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
      {strings.locale === 'en' ? (
        engine
      ) : (
        <details>
          <summary>{strings.problem.details}</summary>
          {engine}
        </details>
      )}
      <p>
        {help} {more}
      </p>
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
