import { useMemo } from 'preact/hooks';
import { type Strings, useStrings } from './strings.ts';

const UNITS = [
  { size: 1e9, letter: 'G' },
  { size: 1e6, letter: 'M' },
  { size: 1e3, letter: 'K' },
] as const;

function fileSize(bytes: number, digits: (value: number) => string): string {
  return bytes < 1e6 ? `${digits(bytes / 1e3)} kB` : `${digits(bytes / 1e6)} MB`;
}

const KINDS = {
  integer: { maximumFractionDigits: 0 },
  precise: { maximumSignificantDigits: 3 },
  percent: { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 },
  round: { maximumSignificantDigits: 2 },
  share: { style: 'percent', maximumFractionDigits: 0 },
  accuracy: { style: 'percent', minimumFractionDigits: 2 },
} as const satisfies Readonly<Record<string, Intl.NumberFormatOptions>>;

type Kind = keyof typeof KINDS;

/** A browser takes milliseconds to make one. */
const made = new Map<string, Intl.NumberFormat>();

function formatOf(locale: Strings['locale'], kind: Kind): Intl.NumberFormat {
  const key = `${locale} ${kind}`;
  let format = made.get(key);
  if (!format) {
    format = new Intl.NumberFormat(locale, KINDS[kind]);
    made.set(key, format);
  }
  return format;
}

function formats(locale: Strings['locale']) {
  // With a minus, not a hyphen.
  const written = (kind: Kind) => (value: number) => formatOf(locale, kind).format(value).replace('-', '−');
  const [precise, round] = [written('precise'), written('round')];
  return {
    integer: written('integer'),
    /** Multiply-adds and parameters as papers write them, in M and G, whatever the language. */
    compact: (value: number) => {
      const unit = UNITS.find(({ size }) => value >= size);
      return unit ? precise(value / unit.size) + unit.letter : precise(value);
    },
    percent: written('percent'),
    /** In whole percent. */
    share: written('share'),
    accuracy: written('accuracy'),
    points: precise,
    /** Frames a second. */
    rate: round,
    /** Memory, in powers of 1024. */
    memory: (bytes: number) => {
      if (bytes < 2 ** 10) return `${bytes} B`;
      return bytes < 2 ** 20 ? `${precise(bytes / 2 ** 10)} KiB` : `${precise(bytes / 2 ** 20)} MiB`;
    },
    /** Files, in powers of 1000. */
    file: (bytes: number) => fileSize(bytes, precise),
    /** The same, as on a button. */
    download: (bytes: number) => fileSize(bytes, round),
    milliseconds: (value: number) => `${precise(value)} ms`,
  };
}

/** Numbers as the page writes them, in the language's own way. */
export function useFormat(): ReturnType<typeof formats> {
  const { locale } = useStrings();
  return useMemo(() => formats(locale), [locale]);
}
