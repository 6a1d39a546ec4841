import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './bench-strings.ts';
import type { Report } from './measure.ts';

/** What the GPU can do at best, and a row for each network. */
export function Summary({ report: { machine, networks } }: { report: Report }) {
  const { machine: peaks, networks: words } = useWords(bothLanguages);
  const format = useFormat();
  return (
    <section aria-labelledby="machine-heading">
      <h2 id="machine-heading">{peaks.heading}</h2>
      <ul class="numbers">
        <li>
          <strong>{peaks.gflops(format.points(machine.gflops))}</strong> <span>{peaks.peak}</span>
        </li>
        <li>
          <strong>{peaks.gigabytes(format.points(machine.gigabytes))}</strong> <span>{peaks.bandwidth}</span>
        </li>
      </ul>
      <p class="prose quiet small">{peaks.note}</p>
      {networks.length > 0 && (
        <>
          <h3>{words.heading}</h3>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
          <section class="scroll" aria-label={words.label} tabIndex={0}>
            <table class="measures bench-table">
              <thead>
                <tr>
                  {Object.entries(words.columns).map(([column, title]) => (
                    <th key={column} scope="col" class={column === 'name' ? '' : 'number'}>
                      {title}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {networks.map(({ name, run, gpu, firstRunMs, pipelines, dispatchCpu }) => (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td class="number">{format.milliseconds(run.median)}</td>
                    <td class="number">{format.milliseconds(gpu.median)}</td>
                    <td class="number">{format.points(gpu.gflops)}</td>
                    <td class="number">{format.percent(gpu.share)}</td>
                    <td class="number">{format.milliseconds(firstRunMs)}</td>
                    <td class="number">
                      {format.milliseconds(
                        pipelines.reduce((sum, { createMs, firstUseMs }) => sum + createMs + firstUseMs, 0),
                      )}
                    </td>
                    <td class="number">{format.milliseconds(dispatchCpu.median)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          <p class="prose quiet small">{words.note}</p>
        </>
      )}
    </section>
  );
}
