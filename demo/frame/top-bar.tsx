import { useEffect, useRef } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import { Languages } from './languages.tsx';
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
      <Languages go={go} />
    </header>
  );
}
