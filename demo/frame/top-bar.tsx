import { useEffect, useRef } from 'preact/hooks';
import { LANGUAGES, useStrings } from '../shared/strings.ts';
import { addressIn, type Locale } from './place.ts';
import { VIEWS, type View } from './views.ts';

interface Props {
  current: View;
  go: (address: string) => void;
}

/** The project's name, the views, and the languages. */
export function TopBar({ current, go }: Props) {
  const strings = useStrings();
  const list = useRef<HTMLUListElement>(null);
  // On a phone the row of views is wider than the page.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [current]);

  const change = (event: MouseEvent, locale: Locale) => {
    // Another tab is the browser's own matter.
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(addressIn(locale));
  };

  return (
    <header>
      <a class="brand" href={`#${VIEWS[0].id}`}>
        {strings.title}
      </a>
      <nav aria-label={strings.views}>
        <ul ref={list}>
          {VIEWS.map((view) => (
            <li key={view.id}>
              <a href={`#${view.id}`} {...(view === current && { 'aria-current': 'page' })}>
                {view.title[strings.locale]}
              </a>
            </li>
          ))}
        </ul>
      </nav>
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
    </header>
  );
}
