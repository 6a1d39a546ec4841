import type * as Plots from '@observablehq/plot';
import type { Plan, PlannedValue } from 'linnet';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { PlotFigure } from '../shared/plot.tsx';
import { useStrings } from '../shared/strings.ts';

/** Bytes per pixel differ between networks, heights do not: the largest arena gets this many pixels. */
const TALLEST = 220;
const SMALLEST = 26;
const THINNEST = 3;

/** Who lives where in memory, and when: a picture for each arena, over the kernels of the plan. */
export function Arenas({ plan }: { plan: Plan }) {
  const words = useStrings().plan;
  const format = useFormat();
  const [picked, setPicked] = useState<number>();
  const box = useRef<HTMLDivElement>(null);

  // Another plan has other tensors.
  useEffect(() => setPicked(undefined), [plan]);

  const arenas = useMemo(() => {
    const largest = Math.max(...plan.arenas.map(({ bytes }) => bytes));
    return plan.arenas.map(({ bytes }, arena) => ({
      arena,
      bytes,
      values: plan.values.flatMap((value, index) => (value.arena === arena ? [{ ...value, index }] : [])),
      height: Math.max(SMALLEST, Math.round((bytes / largest) * TALLEST)),
      // The last one's axis serves all.
      axis: arena === plan.arenas.length - 1,
    }));
  }, [plan]);

  // The figures are made anew for another plan only; a picked tensor is marked in the one that is there.
  useEffect(() => {
    for (const rect of box.current?.querySelectorAll<SVGRectElement>('rect[data-value]') ?? []) {
      rect.classList.toggle('picked', Number(rect.dataset.value) === picked);
    }
  }, [picked]);

  const pickUnder = (event: Event) => {
    const rect = event.target instanceof Element ? event.target.closest<SVGRectElement>('rect[data-value]') : null;
    if (rect) setPicked(Number(rect.dataset.value));
  };
  const pickByKey = (event: KeyboardEvent) => {
    const last = plan.values.length - 1;
    const from = picked ?? -1;
    const next = {
      ArrowRight: Math.min(last, from + 1),
      ArrowDown: Math.min(last, from + 1),
      ArrowLeft: Math.max(0, from - 1),
      ArrowUp: Math.max(0, from - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setPicked(next);
    box.current?.querySelector(`rect[data-value="${next}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };

  const value = picked === undefined ? undefined : plan.values[picked];
  return (
    <>
      <p class="readout" aria-live="polite">
        {value ? (
          <>
            <strong>{value.name}</strong> {value.shape.join(' × ')} · {format.memory(value.bytes)}{' '}
            {words.at(format.memory(value.offset))} · {words.life(value.first + 1, value.last + 1)}
          </>
        ) : (
          words.pick
        )}
      </p>
      <div
        ref={box}
        class="scroll arenas"
        role="application"
        aria-label={words.arenasLabel}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is interactive, and scrolls.
        tabIndex={0}
        onKeyDown={pickByKey}
        onPointerOver={pickUnder}
        onClick={pickUnder}
      >
        {arenas.map((arena) => (
          <figure key={`${plan.name} ${arena.arena}`}>
            <figcaption>{words.arena(arena.arena, format.memory(arena.bytes))}</figcaption>
            <Lives {...arena} kernels={plan.kernels.length} label={words.kernelAxis} />
          </figure>
        ))}
      </div>
    </>
  );
}

interface LivesProps {
  arena: number;
  bytes: number;
  values: readonly (PlannedValue & { index: number })[];
  height: number;
  axis: boolean;
  kernels: number;
  label: string;
}

type Life = Pick<PlannedValue, 'first' | 'last' | 'offset' | 'bytes'>;

function Lives({ bytes, values, height, axis, kernels, label }: LivesProps) {
  // Parts of a value have lives of their own; others may lie there before and after.
  const lives = useMemo(
    () =>
      values.flatMap(({ index, parts, ...value }) =>
        (parts ?? [{ ...value, offset: 0 }]).map((part) => ({ ...part, index, offset: value.offset + part.offset })),
      ),
    [values],
  );
  const draw = useCallback(
    (plot: typeof Plots, width: number) =>
      plot.plot({
        width,
        height: height + (axis ? 34 : 4),
        marginLeft: 4,
        marginRight: 4,
        marginTop: 2,
        marginBottom: axis ? 32 : 2,
        x: {
          domain: [0.5, kernels + 0.5],
          ...(axis ? { label, tickFormat: 'd', labelArrow: 'none' } : { axis: null }),
        },
        y: { domain: [0, bytes], axis: null },
        marks: [
          plot.frame({ className: 'arena-frame' }),
          plot.rect(lives, {
            x1: ({ first }: Life) => first + 0.5,
            x2: ({ last }: Life) => last + 1.5,
            y1: 'offset',
            y2: ({ offset, bytes }: Life) => offset + bytes,
            insetLeft: 0.5,
            insetRight: 0.5,
            insetTop: 0.5,
            className: 'life',
            render(index, scales, channels, dimensions, context, next) {
              const group = next?.(index, scales, channels, dimensions, context) ?? null;
              for (const [place, rect] of Array.from(group?.querySelectorAll('rect') ?? []).entries()) {
                rect.setAttribute('data-value', String(lives[index[place] as number]?.index));
                keepVisible(rect);
              }
              return group;
            },
          }),
        ],
      }),
    [lives, bytes, height, axis, kernels, label],
  );
  return <PlotFigure draw={draw} minWidth={520} />;
}

/** A small tensor beside large ones would be too thin to be seen or pointed at. */
function keepVisible(rect: SVGRectElement): void {
  const missing = THINNEST - Number(rect.getAttribute('height'));
  if (missing <= 0) return;
  rect.setAttribute('height', String(THINNEST));
  rect.setAttribute('y', String(Number(rect.getAttribute('y')) - missing));
}
