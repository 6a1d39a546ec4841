import { LANGUAGES, useStrings } from '../shared/strings.ts';
import { addressIn, type Locale } from './place.ts';

/** Links to the same place in each language. */
export function Languages({ go }: { go: (address: string) => void }) {
  const strings = useStrings();

  const change = (event: MouseEvent, locale: Locale) => {
    // Another tab is the browser's own matter.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(addressIn(locale));
  };

  return (
    <ul class="languages" aria-label={strings.languages}>
      {Object.values(LANGUAGES).map(({ locale, language }) => (
        <li key={locale}>
          <a
            href={addressIn(locale)}
            lang={locale}
            hreflang={locale}
            onClick={(event) => change(event, locale)}
            {...(locale === strings.locale && { 'aria-current': 'true' })}
          >
            {language}
          </a>
        </li>
      ))}
    </ul>
  );
}
