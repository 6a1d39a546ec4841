import { useMemo } from 'preact/hooks';
import { type Strings, useStrings } from './strings.ts';

const UNITS = [
  { size: 1e9, letter: 'G' },
  { size: 1e6, letter: 'M' },
  { size: 1e3, letter: 'K' },
] as const;

function fileSize(bytes: number, digits: Intl.NumberFormat): string {
  return bytes < 1e6 ? `${digits.format(bytes / 1e3)} kB` : `${digits.format(bytes / 1e6)} MB`;
}

function formats(locale: Strings['locale']) {
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const precise = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const round = new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 });
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const accuracy = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 2 });

  return {
    integer: (value: number) => integer.format(value),
    /** Multiply-adds and parameters as papers write them, in M and G, whatever the language. */
    compact: (value: number) => {
      const unit = UNITS.find(({ size }) => value >= size);
      return unit ? precise.format(value / unit.size) + unit.letter : precise.format(value);
    },
    percent: (value: number) => percent.format(value),
    /** In whole percent. */
    share: (value: number) => share.format(value),
    accuracy: (value: number) => accuracy.format(value),
    points: (value: number) => precise.format(value),
    /** Memory, in powers of 1024. */
    memory: (bytes: number) => {
      if (bytes < 2 ** 10) return `${bytes} B`;
      return bytes < 2 ** 20 ? `${precise.format(bytes / 2 ** 10)} KiB` : `${precise.format(bytes / 2 ** 20)} MiB`;
    },
    /** Files, in powers of 1000. */
    file: (bytes: number) => fileSize(bytes, precise),
    /** The same, as on a button. */
    download: (bytes: number) => fileSize(bytes, round),
    milliseconds: (value: number) => `${precise.format(value)} ms`,
  };
}

/** Numbers as the page writes them, in the language's own way. */
export function useFormat(): ReturnType<typeof formats> {
  const { locale } = useStrings();
  return useMemo(() => formats(locale), [locale]);
}
