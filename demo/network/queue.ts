export type Enqueue = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** One piece of work at a time, in order: a network is not freed while it runs, and times do not overlap. */
export function createQueue(): Enqueue {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work);
    last = next.catch(() => {});
    return next;
  };
}
