import type { Time } from './measuring.ts';
import type { Planned } from './planned.ts';

type Times = Readonly<Record<string, Time>>;

/** Bytes and milliseconds as plain numbers, whatever the language; what is not known is empty. */
const COLUMNS: readonly (readonly [
  name: string,
  of: (plan: Planned, time: Time | undefined) => string | number | undefined,
])[] = [
  ['network', ({ candidate }) => candidate.name],
  ['top1', ({ candidate }) => candidate.published && Number(candidate.published.top1.toFixed(5))],
  ['macs', ({ macs }) => macs],
  ['parameters', ({ parameters }) => parameters],
  ['activation_bytes', ({ planned }) => planned],
  ['activation_bytes_unshared', ({ separate }) => separate],
  ['weight_bytes', ({ weights }) => weights],
  ['dispatches', ({ dispatches }) => dispatches],
  ['pipelines', ({ pipelines }) => pipelines],
  ['median_ms', (_, time) => (time?.kind === 'done' ? time.ms : undefined)],
  ['runs', (_, time) => (time?.kind === 'done' ? time.runs : undefined)],
];

/** The table as comma-separated values: a line of names, then one for each network. No value has a comma in it. */
export function csvOf(plans: readonly Planned[], times: Times): string {
  const lines = plans.map((plan) => COLUMNS.map(([, of]) => of(plan, times[plan.candidate.id]) ?? '').join(','));
  return `${[COLUMNS.map(([name]) => name).join(','), ...lines].join('\n')}\n`;
}
