import { type Classification, loadModel } from 'linnet/models';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { compute, coverageOf } from '../network/classification.ts';
import { MaskCanvas } from '../network/mask-canvas.tsx';
import { type Answering, free, maskedOf, taskOf } from '../network/model.ts';
import { useAnsweringName } from '../network/network-name.ts';
import { isHere, type Offer, requestOffer } from '../network/networks.ts';
import type { Enqueue } from '../network/queue.ts';
import { useFound } from '../picture/found.ts';
import type { Picture } from '../picture/picture.ts';
import { Original } from '../picture/seen.tsx';
import { useFormat } from '../shared/format.ts';
import { median } from '../shared/median.ts';
import { Problem } from '../shared/problem.tsx';
import { useLabel, useStrings, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './compare-strings.ts';

interface Answer {
  readonly by: Answering;
  /** Of a segmenter there is none: its mask has been drawn. */
  readonly best: Classification | undefined;
  /** Of a segmenter: how much of the picture belongs to something. */
  readonly covered: number | undefined;
  readonly ms: number;
  /** The picture has colours, and the network was trained on grey garments. */
  readonly isOutOfPlace: boolean;
}

const RUNS = 5;

async function ask(by: Answering, { bitmap, colourful }: Picture): Promise<Answer> {
  const times: number[] = [];
  await compute(by, bitmap, 'overlay');
  const covered = await coverageOf(by.model, bitmap);
  let best: Classification | undefined;
  for (let run = 0; run < RUNS; run++) {
    const start = performance.now();
    [best] = await compute(by, bitmap, 'overlay');
    times.push(performance.now() - start);
  }
  return { by, best, covered, ms: median(times), isOutOfPlace: colourful && taskOf(by) === 'garments' };
}

/** The networks that need no download: those of the page, and those that were kept. */
function useAnswering(device: GPUDevice | undefined, offers: readonly Offer[] | undefined, enqueue: Enqueue) {
  const [networks, setNetworks] = useState<readonly Answering[]>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!device || !offers) return;
    const controller = new AbortController();
    const { signal } = controller;
    const own: Answering[] = [];
    const open = async (offer: Offer) => {
      const request = requestOffer(offer);
      const { source, release } = request;
      const from = typeof source === 'function' ? await source({ signal, onProgress() {} }) : source;
      const model = await loadModel(from, { device, signal, tune: false }).finally(release);
      own.push({ model, request, masked: await maskedOf(model) });
    };
    const openAll = async () => {
      for (const offer of offers) {
        if (!signal.aborted && (await isHere(offer))) await open(offer);
      }
      if (!signal.aborted) setNetworks(own);
    };
    const opened = openAll().catch((reason) => {
      if (!signal.aborted) setError(reason);
    });
    return () => {
      controller.abort();
      setNetworks(undefined);
      // What is being opened is there a moment later.
      void opened.then(() => enqueue(async () => own.forEach(free)));
    };
  }, [device, offers, enqueue]);
  return { networks, error };
}

/** What the trained networks make of the chosen picture. */
export function OnePicture({ device, enqueue, networks: { offers, running }, pictures }: ViewProps) {
  const { picture } = pictures;
  const strings = useStrings();
  const words = useWords(bothLanguages).picture;
  const labelOf = useLabel();
  const nameOf = useAnsweringName();
  const format = useFormat();
  const { networks, error } = useAnswering(device, offers, enqueue);
  const [answers, setAnswers] = useState<readonly Answer[]>([]);
  const [failure, setFailure] = useState<unknown>();
  const asked = useMemo(() => {
    const isOther = running && !networks?.some(({ request }) => request.offer?.id === running.request.offer?.id);
    return networks && (isOther ? [...networks, running] : networks);
  }, [networks, running]);
  const isAsking = picture !== undefined && answers.length !== asked?.length && (error ?? failure) === undefined;

  useEffect(() => {
    setAnswers([]);
    setFailure(undefined);
    if (!asked || !picture) return;
    let stale = false;
    const askAll = async () => {
      for (const by of asked) {
        await enqueue(async () => {
          if (stale) return;
          const answer = await ask(by, picture);
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
  }, [asked, picture, enqueue]);

  return (
    <section aria-labelledby="one-picture-heading">
      <h2 id="one-picture-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      {error !== undefined && <Problem error={error} />}
      {pictures.error !== undefined && <Problem error={pictures.error} onClose={pictures.dismiss} />}
      {failure !== undefined && <Problem error={failure} />}
      {picture ? (
        <div class="one-picture">
          <Original bitmap={picture.bitmap} label={labelOf(picture.truth ?? picture.name)} />
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
              {answers.map((answer) => {
                const { request } = answer.by;
                return (
                  <tr key={request.offer?.id ?? ''}>
                    <th scope="row">{nameOf(answer.by)}</th>
                    <td>
                      {answer.best ? <Said {...answer} best={answer.best} /> : <Mask {...answer} picture={picture} />}
                    </td>
                    <td class="number">{format.milliseconds(answer.ms)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      ) : (
        <p class="quiet">{strings.picture.none}</p>
      )}
      {isAsking && <p class="quiet small">{asked ? words.answered(answers.length, asked.length) : words.opening}</p>}
      <p>
        <a href="#try">{words.another}</a>
      </p>
    </section>
  );
}

/** A classifier's answer. */
function Said({ best, isOutOfPlace }: Answer & { best: Classification }) {
  const words = useWords(bothLanguages).picture;
  const labelOf = useLabel();
  const format = useFormat();
  if (isOutOfPlace) return <span class="quiet">{words.onlyGarments(labelOf(best.label))}</span>;
  return (
    <>
      {labelOf(best.label)} <small>{format.percent(best.probability)}</small>
    </>
  );
}

/** A segmenter's mask, on the picture. */
function Mask({ by, covered, picture }: Answer & { picture: Picture }) {
  const words = useStrings().answer;
  const { text, isWrong } = useFound()(taskOf(by), covered, picture);
  return (
    <div class="one-mask">
      {by.masked && <MaskCanvas canvas={by.masked.canvas} label={words.mask} />}
      <span class={isWrong ? 'quiet' : ''}>{text}</span>
    </div>
  );
}
