import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/**
 * Keeps the keyboard's place on the page: where what had the focus goes (a message that is closed, a button whose work is
 * done), what is left around it has it, and the Tab key goes on from
 * there.
 */
export function useKeptFocus(root: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = root.current;
    if (!page) return;
    /** What had the focus last, and all that is around it, as far as the root. */
    let trail: readonly Element[] = [];
    const follow = ({ target }: FocusEvent) => {
      const next: Element[] = [];
      for (let each = target as Element | null; each && each !== page; each = each.parentElement) next.push(each);
      trail = next;
    };
    const observer = new MutationObserver(() => {
      const [last] = trail;
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      const left = (trail.find((element) => element.isConnected) as HTMLElement | undefined) ?? page;
      if (!left.hasAttribute('tabindex')) left.tabIndex = -1;
      left.focus({ preventScroll: true });
    });
    page.addEventListener('focusin', follow);
    observer.observe(page, { childList: true, subtree: true });
    return () => {
      page.removeEventListener('focusin', follow);
      observer.disconnect();
    };
  }, []);
}
