import { useMemo } from 'preact/hooks';
import { type Strings, useStrings } from './strings.ts';

function formats(locale: Strings['locale']) {
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const precise = new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 });
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  const accuracy = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 2 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumSignificantDigits: 3 });

  return {
    integer: (value: number) => integer.format(value),
    compact: (value: number) => compact.format(value),
    percent: (value: number) => percent.format(value),
    accuracy: (value: number) => accuracy.format(value),
    points: (value: number) => precise.format(value),
    /** Memory, in powers of 1024. */
    memory: (bytes: number) => {
      if (bytes < 2 ** 10) return `${bytes} B`;
      return bytes < 2 ** 20 ? `${precise.format(bytes / 2 ** 10)} KiB` : `${precise.format(bytes / 2 ** 20)} MiB`;
    },
    /** Files and downloads, in powers of 1000. */
    file: (bytes: number) => (bytes < 1e6 ? `${precise.format(bytes / 1e3)} kB` : `${precise.format(bytes / 1e6)} MB`),
    milliseconds: (value: number) => `${precise.format(value)} ms`,
  };
}

/** Numbers as the page writes them, in the language's own way. */
export function useFormat(): ReturnType<typeof formats> {
  const { locale } = useStrings();
  return useMemo(() => formats(locale), [locale]);
}
