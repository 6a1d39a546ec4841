import type { Task } from '../network/networks.ts';
import { useFormat } from '../shared/format.ts';
import { useStrings } from '../shared/strings.ts';
import type { Picture } from './picture.ts';

/** Of the picture's pixels: what is less is a few of them, and nothing that was found. */
const FOUND = 0.005;

/** What a segmenter finds, where it has but one thing to find. */
type Thing = 'people' | 'drawings';

const isThing = (task: Task | undefined): task is Thing => task === 'people' || task === 'drawings';

/** Of the page's samples, whether there is something to find in it. */
const shows = (thing: Thing, { id, kind }: NonNullable<Picture['sample']>): boolean =>
  thing === 'people' ? id === 'photos/astronaut' : kind === 'drawings';

export interface Found {
  readonly text: string;
  /** Known to be wrong: a mask has no way to say that it does not know. */
  readonly isWrong: boolean;
  /** Under which condition it is right, where nobody but the visitor knows what the picture shows. */
  readonly provided?: string;
}

/** What a segmenter has found in a picture, in words: of a known task how much of it that is. */
export function useFound(): (task: Task | undefined, covered: number | undefined, picture?: Picture) => Found {
  const { covers, mask, nothing, only, provided } = useStrings().answer;
  const format = useFormat();
  return (task, covered, picture) => {
    if (covered === undefined || !isThing(task)) return { text: mask, isWrong: false };
    if (covered < FOUND) return { text: nothing[task], isWrong: false };
    const share = format.share(covered);
    if (picture?.sample && !shows(task, picture.sample)) return { text: only[task](share), isWrong: true };
    const text = covers[task](share);
    return { text, isWrong: false, ...(picture?.kind === 'file' && { provided: provided[task] }) };
  };
}
