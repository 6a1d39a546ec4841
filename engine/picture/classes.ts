/** A guess: the class's number and name, and the probability from 0 to 1. */
export interface Classification {
  readonly class: number;
  readonly label: string;
  readonly probability: number;
}

/** The likeliest first. */
export function likeliest(probabilities: Float32Array, labels: readonly string[], topK: number): Classification[] {
  const classes = Array.from(probabilities, (probability, index) => ({
    class: index,
    label: labels[index] as string,
    probability,
  }));
  return classes.sort((a, b) => b.probability - a.probability).slice(0, topK);
}
