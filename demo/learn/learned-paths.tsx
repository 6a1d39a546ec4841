import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useWords } from '../shared/strings.ts';
import { Choice } from './choice.tsx';
import { groupsOf, pictureOf } from './map-picture.ts';
import { Pictured } from './pictured.tsx';
import { BLOCKS, inputOf, PATHS, pathsOf, sumOf } from './trained.ts';
import { TrainedSamples } from './trained-samples.tsx';
import { useTrained } from './use-trained.ts';
import { words as bothLanguages } from './why-resnext-strings.ts';

const WIDTH = 420;
const SIDE = 44;
const APART = (WIDTH - SIDE) / (PATHS - 1);
const ROWS = { input: 0, paths: 82, sum: 164 } as const;
const MIDDLE = WIDTH / 2;

/** A block of a trained ResNeXt: what each of its paths makes of the same input. */
export function LearnedPaths(view: ViewProps) {
  const words = useWords(bothLanguages).learned;
  const trained = useTrained('resnext', view);
  const [stage, setStage] = useState<(typeof BLOCKS)[number]>(1);
  const { maps } = trained;
  const pictures = useMemo(() => {
    const [input, paths, sum] = [inputOf(stage), pathsOf(stage), sumOf(stage)].map((name) => maps?.get(name));
    if (!input || !paths || !sum) return undefined;
    return { input: pictureOf(input), paths: groupsOf(paths, PATHS).map(pictureOf), sum: pictureOf(sum) };
  }, [maps, stage]);
  const path = maps?.get(pathsOf(stage));
  const width = path ? path.channels / PATHS : 0;
  const side = path ? Math.sqrt(path.values.length / path.channels) : 0;
  const x = (index: number) => SIDE / 2 + index * APART;
  const node = (key: string, middle: number, y: number, picture: string | undefined) => (
    <g key={key} class="trained-node">
      <Pictured picture={picture} x={middle - SIDE / 2} y={y} side={SIDE} />
    </g>
  );
  return (
    <section aria-labelledby="learned-heading">
      <h2 id="learned-heading">{words.heading}</h2>
      <TrainedSamples {...trained} intro={words.intro} />
      <Choice class="trained-choice" label={words.stage} values={BLOCKS} value={stage} onChange={setStage} />
      <figure class="trained">
        <svg
          class="trained-paths"
          viewBox={`-1 -1 ${WIDTH + 2} ${ROWS.sum + SIDE + 2}`}
          role="img"
          aria-label={words.figure(stage, PATHS)}
        >
          <path
            d={Array.from(
              { length: PATHS },
              (_, index) =>
                `M${MIDDLE} ${ROWS.input + SIDE}L${x(index)} ${ROWS.paths}` +
                `M${x(index)} ${ROWS.paths + SIDE}L${MIDDLE} ${ROWS.sum}`,
            ).join('')}
          />
          {node('input', MIDDLE, ROWS.input, pictures?.input)}
          {Array.from({ length: PATHS }, (_, index) =>
            node(`path${index}`, x(index), ROWS.paths, pictures?.paths[index]),
          )}
          {node('sum', MIDDLE, ROWS.sum, pictures?.sum)}
        </svg>
        {path && <figcaption>{words.note(PATHS, width, side)}</figcaption>}
      </figure>
      <p class="prose">{words.conclusion}</p>
    </section>
  );
}
