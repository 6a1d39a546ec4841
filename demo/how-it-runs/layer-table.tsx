import type { Plan } from 'linnet';
import { layersOf } from '../network/layers-of.ts';
import { useFormat } from '../shared/format.ts';
import { useStrings } from '../shared/strings.ts';

/** One row for each layer of a plan. */
export function LayerTable({ plan }: { plan: Plan }) {
  const { columns, tableLabel } = useStrings().plan;
  const format = useFormat();
  const layers = layersOf(plan);
  const most = Math.max(1, ...layers.map(({ macs }) => macs));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="scroll table-box" aria-label={tableLabel} tabIndex={0}>
      <table class="layers">
        <thead>
          <tr>
            <th scope="col" class="number">
              {columns.index}
            </th>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.kind}</th>
            <th scope="col">{columns.shape}</th>
            <th scope="col" class="number">
              {columns.parameters}
            </th>
            <th scope="col" class="number">
              {columns.macs}
            </th>
            <th scope="col">{columns.share}</th>
            <th scope="col" class="number">
              {columns.read}
            </th>
            <th scope="col" class="number">
              {columns.written}
            </th>
          </tr>
        </thead>
        <tbody>
          {layers.map(({ name, kind, shape, parameters, macs, bytesRead, bytesWritten }, index) => (
            <tr key={index}>
              <td class="number quiet">{index + 1}</td>
              <th scope="row">{name}</th>
              <td class="quiet">{kind}</td>
              <td class="shape">{shape.join(' × ')}</td>
              <Counted count={parameters} />
              <Counted count={macs} />
              <td class="share">
                {macs > 0 && (
                  <>
                    <span class="bar" style={{ width: `${(macs / most) * 100}%` }} />
                    <span class="share-text">{format.percent(macs / plan.macs)}</span>
                  </>
                )}
              </td>
              <td class="number">{format.memory(bytesRead)}</td>
              <td class="number">{format.memory(bytesWritten)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A number as papers write it; all of it to whoever points at it. */
function Counted({ count }: { count: number }) {
  const format = useFormat();
  return (
    <td class="number" title={count > 0 ? format.integer(count) : undefined}>
      {count > 0 ? format.compact(count) : ''}
    </td>
  );
}
