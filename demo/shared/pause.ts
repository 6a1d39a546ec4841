/** Lets the page do what else it has to: what comes after is a task of its own. */
export const pause = () => new Promise((resolve) => setTimeout(resolve));
