import { useCallback, useEffect, useState } from 'preact/hooks';

/** The languages of the page, each by the code that its visitors' browsers ask for. */
export type Locale = 'en' | 'ko';

/** Where the visitor is, as the address says: `?lang=ko#why-unet`. */
export interface Place {
  readonly locale: Locale;
  /** What stands behind the `#`; nothing at first. */
  readonly view: string;
}

const isLocale = (code: string | null): code is Locale => code === 'en' || code === 'ko';

/** `?lang=` if it names a language that the page has, else the browser's first such language, else English. */
function localeOf(address: URL): Locale {
  const asked = address.searchParams.get('lang');
  if (isLocale(asked)) return asked;
  return navigator.languages.map((tag) => tag.toLowerCase().split('-')[0] ?? '').find(isLocale) ?? 'en';
}

function read(): Place {
  const address = new URL(location.href);
  return { locale: localeOf(address), view: decodeURIComponent(address.hash.slice(1)) };
}

/** The same view in another language. */
export function addressIn(locale: Locale): string {
  const address = new URL(location.href);
  address.searchParams.set('lang', locale);
  return address.href;
}

/** The place, kept up to date, and a way to go to another one without loading the page again. */
export function usePlace(): { place: Place; go: (address: string) => void } {
  const [place, setPlace] = useState(read);

  useEffect(() => {
    const update = () => setPlace(read());
    addEventListener('popstate', update);
    return () => removeEventListener('popstate', update);
  }, []);

  const go = useCallback((address: string) => {
    history.pushState(null, '', address);
    setPlace(read());
  }, []);

  return { place, go };
}
