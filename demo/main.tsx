import { render } from 'preact';
import { App } from './frame/app.tsx';
import { usePlace } from './frame/place.ts';
import { LANGUAGES, Language } from './shared/strings.ts';

function Page() {
  const { place, go } = usePlace();
  return (
    <Language.Provider value={LANGUAGES[place.locale]}>
      <App place={place} go={go} />
    </Language.Provider>
  );
}

const page = document.querySelector('#page');
if (page) {
  page.replaceChildren();
  render(<Page />, page);
}
