import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Locale } from '../frame/place.ts';
import { english } from './strings/en.ts';
import { korean } from './strings/ko.ts';
import { unbroken } from './strings/unbroken.ts';

export type Strings = typeof english;

export const LANGUAGES: Readonly<Record<Locale, Strings>> = { en: unbroken(english), ko: unbroken(korean) };

export const Language = createContext<Strings>(LANGUAGES.en);

/** The words of the frame and of the first view. */
export const useStrings = (): Strings => useContext(Language);

/** Those of the views, once they have been shown. */
const shown = new WeakMap<object, unknown>();

/** The words of a view that has its own: an object for each language, all of one type. */
export function useWords<Words extends object>(words: Readonly<Record<Locale, Words>>): Words {
  const own = words[useStrings().locale];
  if (!shown.has(own)) shown.set(own, unbroken(own));
  return shown.get(own) as Words;
}

/** What a network is called: of those that the page offers by its id, where the page has words for it. */
export function useNetworkName(): (offer: string | undefined, name: string) => string {
  const { names } = useStrings().network;
  return (offer, name) => names[offer ?? ''] ?? name;
}

/** What a data set is called, where the page has words for it in the visitor's language. */
export function useDatasetName(): (dataset: string) => string {
  const { datasets } = useStrings();
  return (dataset) => datasets[dataset] ?? dataset;
}

/** What a sample or a class is called, where the page has a word for it in the visitor's language. */
export function useLabel(): (label: string) => string {
  const { labels } = useStrings();
  return (label) => labels[label] ?? label;
}
