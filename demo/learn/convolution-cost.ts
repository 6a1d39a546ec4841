/** A convolution with stride 1 and padding that keeps the map's size. */
export interface Convolution {
  /** Height and width of the filter. */
  readonly kernel: number;
  readonly inChannels: number;
  readonly outChannels: number;
  /** Height and width of the map. */
  readonly size: number;
  readonly groups: number;
}

export interface Cost {
  readonly weights: number;
  readonly macs: number;
}

/** What the ways to compute such a layer cost, without biases (arXiv 1704.04861, section 3.1). */
export function convolutionCosts({ kernel, inChannels, outChannels, size, groups }: Convolution) {
  // Each weight is used once for each pixel of the result.
  const cost = (weights: number): Cost => ({ weights, macs: weights * size * size });
  const depthwise = kernel * kernel * inChannels;
  const pointwise = inChannels * outChannels;
  return {
    standard: cost(kernel * kernel * inChannels * outChannels),
    depthwise: cost(depthwise),
    pointwise: cost(pointwise),
    separable: cost(depthwise + pointwise),
    grouped: cost((kernel * kernel * inChannels * outChannels) / groups),
  };
}

/** The numbers of groups that divide both channel counts. */
export function possibleGroups(inChannels: number, outChannels: number): number[] {
  const all = Array.from({ length: Math.min(inChannels, outChannels) }, (_, index) => index + 1);
  return all.filter((groups) => inChannels % groups === 0 && outChannels % groups === 0);
}
