// What is looked for in a view's layout: texts that nobody can read to their end, and what forced colours take away.
import type { Page } from 'playwright/test';

/**
 * Texts that are cut off, each with what cuts it; and what scrolls but cannot be reached by keyboard. A text that ends in an
 * ellipsis may have the rest in a title.
 */
export const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    // Less than that of a letter is its box alone.
    const SIDE = 1;
    const HEIGHT = 5;
    const named = (element: Element) =>
      `${element.tagName.toLowerCase()}${element.getAttribute('class') ? `.${element.getAttribute('class')!.trim().replace(/\s+/g, '.')}` : ''}`;
    const found = new Set<string>();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = texts.nextNode(); text; text = texts.nextNode()) {
      const parent = text.parentElement;
      const words = text.textContent?.trim();
      if (!parent || !words || parent.closest('.hidden, script, style, option, select, textarea, noscript')) continue;
      if (!parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const { left, right, top, bottom } = range.getBoundingClientRect();
      if (right - left === 0) continue;
      for (let box: Element | null = parent; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box);
        if (style.display === 'inline' || style.display === 'contents') continue;
        const outer = box.getBoundingClientRect();
        const beyond = {
          x: right > outer.right + SIDE || left < outer.left - SIDE,
          y: bottom > outer.bottom + HEIGHT || top < outer.top - HEIGHT,
        };
        const scrolls = { x: /auto|scroll/.test(style.overflowX), y: /auto|scroll/.test(style.overflowY) };
        const cuts = { x: /hidden|clip/.test(style.overflowX), y: /hidden|clip/.test(style.overflowY) };
        const isTold = style.textOverflow === 'ellipsis' && parent.closest('[title]') !== null;
        if ((beyond.x && cuts.x && !isTold) || (beyond.y && cuts.y)) found.add(`${named(box)} cuts “${words}”`);
        if ((beyond.x && scrolls.x) || (beyond.y && scrolls.y)) {
          const canBeReached =
            (box as HTMLElement).tabIndex >= 0 ||
            box.querySelector('a[href], button:not([tabindex="-1"]), input, select, [tabindex="0"]');
          if (!canBeReached) found.add(`${named(box)} cannot be scrolled by keyboard to “${words}”`);
          break;
        }
      }
    }
    return [...found];
  });

/** Notes what has no text and is seen by its background alone, to compare with what is left of it in forced colours. */
export const noteMarks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const isSeen = (element: Element) => {
      const { backgroundColor, backgroundImage } = getComputedStyle(element);
      return backgroundImage !== 'none' || !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor);
    };
    const marks = [...document.querySelectorAll<HTMLElement>('main *')].filter((element) => {
      if (element.closest('svg') || element.matches('canvas, img, video, input, button, select, textarea'))
        return false;
      const { width, height } = element.getBoundingClientRect();
      return (
        width > 0 && height > 0 && element.childElementCount === 0 && !element.textContent?.trim() && isSeen(element)
      );
    });
    Object.assign(globalThis, { marks });
  });

/** Marks of which forced colours leave nothing, and things of which it cannot be told whether they are chosen. */
export const lostInForcedColours = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const named = (element: Element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
    const lost = new Set<string>();
    for (const mark of (globalThis as unknown as { marks: HTMLElement[] }).marks) {
      if (!mark.isConnected) continue;
      const style = getComputedStyle(mark);
      let behind: Element | null = mark.parentElement;
      while (behind && /^(transparent|rgba\(.*, 0\))$/.test(getComputedStyle(behind).backgroundColor))
        behind = behind.parentElement;
      const ground = getComputedStyle(behind ?? document.body).backgroundColor;
      const hasBorder = ['Top', 'Right', 'Bottom', 'Left'].some(
        (side) => Number.parseFloat(style.getPropertyValue(`border-${side.toLowerCase()}-width`)) > 0,
      );
      const isAlike =
        (style.backgroundImage === 'none' && /^(transparent|rgba\(.*, 0\))$/.test(style.backgroundColor)) ||
        style.backgroundColor === ground;
      if (isAlike && !hasBorder && style.outlineStyle === 'none') lost.add(`${named(mark)} has gone`);
    }
    const looks = (element: Element): string => {
      const { color, backgroundColor, borderColor, borderWidth, borderStyle, outline, fontWeight, textDecorationLine } =
        getComputedStyle(element);
      return [
        color,
        backgroundColor,
        borderColor,
        borderWidth,
        borderStyle,
        outline,
        fontWeight,
        textDecorationLine,
      ].join();
    };
    const chosen = (element: Element): boolean | undefined => {
      const radio = element.querySelector<HTMLInputElement>(':scope > input.hidden[type=radio]');
      if (radio) return radio.checked;
      const state = element.getAttribute('aria-pressed') ?? element.getAttribute('aria-selected');
      if (state !== null) return state === 'true';
      if (element.matches('header a')) return element.hasAttribute('aria-current');
      return undefined;
    };
    for (const element of document.querySelectorAll('label, button[aria-pressed], [aria-selected], header a')) {
      if (chosen(element) !== true || !element.checkVisibility()) continue;
      const group = element.parentElement?.matches('li, td, th, tr')
        ? element.closest('ul, ol, table')
        : element.parentElement;
      const other = [...(group?.querySelectorAll(element.tagName) ?? [])].find((each) => chosen(each) === false);
      if (other && looks(other) === looks(element)) lost.add(`${named(element)} does not look chosen`);
    }
    return [...lost];
  });
