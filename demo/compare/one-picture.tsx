import { type Classification, type ClassificationModel, loadModel } from 'linnet/models';
import { useEffect, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { isHere, type Offer, requestOffer } from '../network/networks.ts';
import type { Enqueue } from '../network/queue.ts';
import type { Picture } from '../picture/picture.ts';
import { Original } from '../picture/seen.tsx';
import { useFormat } from '../shared/format.ts';
import { median } from '../shared/median.ts';
import { Problem } from '../shared/problem.tsx';
import { useLabel, useStrings, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './compare-strings.ts';

interface Answer {
  readonly name: string;
  readonly best: Classification;
  readonly ms: number;
  /** The picture has colours, and the network was trained on grey garments. */
  readonly isOutOfPlace: boolean;
}

const RUNS = 5;

async function ask(model: ClassificationModel, { bitmap, colourful }: Picture): Promise<Answer> {
  const times: number[] = [];
  let best: Classification | undefined;
  await model.classify(bitmap, { topK: 1 });
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    [best] = await model.classify(bitmap, { topK: 1 });
    times.push(performance.now() - start);
  }
  const isOutOfPlace = colourful && model.network.plan.inputs.image?.shape[1] === 1;
  return { name: model.card.name, best: best as Classification, ms: median(times), isOutOfPlace };
}

/** The classifiers that need no download: those of the page, and those that were kept. */
function useModels(device: GPUDevice | undefined, offers: readonly Offer[] | undefined, enqueue: Enqueue) {
  const [models, setModels] = useState<readonly ClassificationModel[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!device || !offers) return;
    const controller = new AbortController();
    const own: ClassificationModel[] = [];
    const load = async () => {
      const { signal } = controller;
      for (const offer of offers.filter(({ card }) => card.task === 'classification')) {
        if (!(await isHere(offer))) continue;
        const { source, release } = requestOffer(offer);
        const from = typeof source === 'function' ? await source({ signal, onProgress() {} }) : source;
        const model = await loadModel(from, { task: 'classification', device, signal, tune: false }).finally(release);
        own.push(model);
        if (signal.aborted) model.destroy();
      }
      if (!signal.aborted) setModels(own);
    };
    load().catch((reason) => {
      if (!controller.signal.aborted) setError(reason);
    });
    return () => {
      controller.abort();
      setModels(undefined);
      for (const model of own) void enqueue(async () => model.destroy());
    };
  }, [device, offers, enqueue]);
  return { models, error };
}

/** What the trained networks make of the chosen picture. */
export function OnePicture({ device, enqueue, networks: { offers, running }, pictures }: ViewProps) {
  const { picture } = pictures;
  const strings = useStrings();
  const labelOf = useLabel();
  const words = useWords(bothLanguages).picture;
  const format = useFormat();
  const { models, error } = useModels(device, offers, enqueue);
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const [failure, setFailure] = useState<unknown>();

  useEffect(() => {
    setAnswers([]);
    setFailure(undefined);
    if (!models || !picture) return;
    let stale = false;
    const also = running?.model;
    const isOther = also?.task === 'classification' && !models.some(({ card }) => card.name === also.card.name);
    const other = isOther ? [also] : [];
    const askAll = async () => {
      for (const model of [...models, ...other]) {
        await enqueue(async () => {
          if (stale) return;
          const answer = await ask(model, picture);
          if (!stale) setAnswers((before) => [...before, answer]);
        });
      }
    };
    askAll().catch((reason) => {
      if (!stale) setFailure(reason);
    });
    return () => {
      stale = true;
    };
  }, [models, picture, running, enqueue]);

  return (
    <section aria-labelledby="one-picture-heading">
      <h2 id="one-picture-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      {error !== undefined && <Problem error={error} />}
      {pictures.error !== undefined && <Problem error={pictures.error} onClose={pictures.dismiss} />}
      {failure !== undefined && <Problem error={failure} />}
      {picture ? (
        <div class="one-picture">
          <Original bitmap={picture.bitmap} label={picture.truth ?? picture.name} />
          <table class="measures" aria-live="polite">
            <thead>
              <tr>
                <th scope="col">{words.network}</th>
                <th scope="col">{words.answer}</th>
                <th scope="col" class="number">
                  {words.time}
                </th>
              </tr>
            </thead>
            <tbody>
              {answers.map(({ name, best, ms, isOutOfPlace }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>
                    {isOutOfPlace ? (
                      <span class="quiet">{words.onlyGarments(labelOf(best.label))}</span>
                    ) : (
                      <>
                        {labelOf(best.label)} <small>{format.percent(best.probability)}</small>
                      </>
                    )}
                  </td>
                  <td class="number">{format.milliseconds(ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="quiet">{strings.picture.none}</p>
      )}
      <p>
        <a href="#try">{words.another}</a>
      </p>
    </section>
  );
}
