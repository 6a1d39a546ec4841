/** Whether the visitor has asked the system for less motion. */
export const wantsNoMotion = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
