import { useLayoutEffect, useRef } from 'preact/hooks';

/** What is open, the last one last. */
const open: object[] = [];

/** Lets the Escape key close what is open, of several what was opened last. */
export function useEscape(isOpen: boolean, close: () => void): void {
  const latest = useRef(close);
  latest.current = close;
  // A key may come before the next frame.
  useLayoutEffect(() => {
    if (!isOpen) return;
    const own = {};
    open.push(own);
    const hear = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || open.at(-1) !== own) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', hear);
    return () => {
      open.splice(open.indexOf(own), 1);
      removeEventListener('keydown', hear);
    };
  }, [isOpen]);
}
