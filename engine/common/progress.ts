/** How far something is. Stages may take turns: weights are uploaded while shaders compile. */
export interface Progress {
  /** `card`: the card and its labels; `weights`: the file; `upload`: weights as the GPU gets them; `compile`: shader text. */
  readonly stage: 'card' | 'weights' | 'upload' | 'compile';
  /** Bytes of this stage that are done. */
  readonly loaded: number;
  /** Bytes of this stage in all, as soon as they are known. */
  readonly total?: number;
}

export type OnProgress = (progress: Progress) => void;
