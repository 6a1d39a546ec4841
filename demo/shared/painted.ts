/** Milliseconds after which a page is taken for hidden: such a page paints nothing. */
const HIDDEN = 500;

/** Waits until what the page shows now has been painted. */
export const painted = () =>
  new Promise<unknown>((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    setTimeout(resolve, HIDDEN);
  });
