import { useEffect, useState } from 'preact/hooks';
import { fetchSamples, type Sample, type SampleKind } from '../picture/picture.ts';
import { SampleImage } from '../picture/samples.tsx';
import { useFormat } from '../shared/format.ts';
import { useLabel, useNetworkName, useWords } from '../shared/strings.ts';
import { ANSWERS } from '../try-it/beforehand.ts';
import { words as bothLanguages } from './compare-strings.ts';
import { GARMENT, GARMENT_ANSWERS } from './garment-answers.ts';

const KINDS: readonly SampleKind[] = ['photos', 'fashion-mnist'];

const ROWS = [
  ...Object.entries(ANSWERS).map(([sample, answer]) => ({ ...answer, sample, network: 'MobileNet v2' })),
  ...GARMENT_ANSWERS.map((answer) => ({ ...answer, sample: GARMENT })),
];

/** What networks say of samples, for visitors without a GPU. */
export function AnswersBeforehand() {
  const nameOf = useNetworkName();
  const labelOf = useLabel();
  const words = useWords(bothLanguages).picture;
  const format = useFormat();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => void Promise.all(KINDS.map(fetchSamples)).then((found) => setSamples(found.flat())), []);
  return (
    <section aria-labelledby="one-picture-heading">
      <h2 id="one-picture-heading">{words.beforehandHeading}</h2>
      <p class="prose">{words.beforehand}</p>
      <table class="measures answers-beforehand">
        <thead>
          <tr>
            <th scope="col">{words.shown}</th>
            <th scope="col">{words.network}</th>
            <th scope="col">{words.answer}</th>
          </tr>
        </thead>
        <tbody>
          {ROWS.map(({ sample: id, network, label, probability }) => {
            const sample = samples.find((candidate) => candidate.id === id);
            // The names of ImageNet's classes are English.
            const name = labelOf(label);
            return (
              <tr key={`${id} ${network}`}>
                <td>{sample && <SampleImage sample={sample} alt={labelOf(sample.label)} />}</td>
                <th scope="row">{nameOf(network, network)}</th>
                <td>
                  <span lang={name === label ? 'en' : undefined}>{name}</span>{' '}
                  <small>{format.percent(probability)}</small>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
