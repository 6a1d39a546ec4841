import { useCallback, useEffect, useState } from 'preact/hooks';

/** The languages of the page, each by the code that its visitors' browsers ask for. */
export type Locale = 'en' | 'ko';

/** What the views work on, as the address names it; nothing where it names none. */
export interface Subject {
  /** The id of one of the page's own offers. */
  readonly network: string | undefined;
  /** The id of a sample, such as `photos/cat`. */
  readonly picture: string | undefined;
}

/** Where the visitor is, as the address says: `?lang=ko&network=drawings&picture=drawings/lion#why-unet`. */
export interface Place extends Subject {
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
  return {
    locale: localeOf(address),
    view: address.hash.slice(1),
    network: address.searchParams.get('network') ?? undefined,
    picture: address.searchParams.get('picture') ?? undefined,
  };
}

/** The same view in another language. */
export function addressIn(locale: Locale): string {
  const address = new URL(location.href);
  address.searchParams.set('lang', locale);
  return address.href;
}

/** Writes into the address what the views work on, so that a reload or a link brings it back. It is no step for the browser to go back. */
export function noteSubject(subject: Subject): void {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(subject)) {
    if (value === undefined) address.searchParams.delete(name);
    else address.searchParams.set(name, value);
  }
  // A sample's id has a slash, which needs no escape in a query.
  address.search = address.search.replaceAll('%2F', '/');
  if (address.href !== location.href) history.replaceState(null, '', address.href);
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
