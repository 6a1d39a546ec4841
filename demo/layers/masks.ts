/** Whether a pixel belongs to something: more likely than not, or of several classes to another one than the first. */
export function foundIn(scores: Float32Array, classes: number): (pixel: number) => boolean {
  const pixels = scores.length / classes;
  if (classes === 1) return (pixel) => (scores[pixel] ?? 0) > 0.5;
  return (pixel) => {
    const background = scores[pixel] ?? 0;
    return Array.from({ length: classes - 1 }, (_, index) => scores[(index + 1) * pixels + pixel] ?? 0).some(
      (score) => score > background,
    );
  };
}

/** The share of the picture that the mask covers. */
export function coverage(scores: Float32Array, classes: number): number {
  const pixels = scores.length / classes;
  const isFound = foundIn(scores, classes);
  let count = 0;
  for (let pixel = 0; pixel < pixels; pixel++) count += isFound(pixel) ? 1 : 0;
  return count / pixels;
}

/** Intersection over union of two masks; of two empty ones 1. */
export function agreement(one: Float32Array, other: Float32Array, classes: number): number {
  const [inOne, inOther] = [foundIn(one, classes), foundIn(other, classes)];
  let [both, either] = [0, 0];
  for (let pixel = 0; pixel < one.length / classes; pixel++) {
    both += inOne(pixel) && inOther(pixel) ? 1 : 0;
    either += inOne(pixel) || inOther(pixel) ? 1 : 0;
  }
  return either > 0 ? both / either : 1;
}
