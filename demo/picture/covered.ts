import type { Task } from '../network/networks.ts';
import { useFormat } from '../shared/format.ts';
import { useStrings } from '../shared/strings.ts';

/** Of the picture's pixels: what is less is a few of them, and nothing that was found. */
const FOUND = 0.005;

/** What a segmenter has found, in words: of a known task how much of the picture that is. */
export function useCovered(): (task: Task | undefined, covered: number | undefined) => string {
  const { covers, mask, nothing } = useStrings().answer;
  const format = useFormat();
  return (task, covered) => {
    if (covered === undefined || (task !== 'people' && task !== 'drawings')) return mask;
    return covered < FOUND ? nothing[task] : covers[task](format.share(covered));
  };
}
