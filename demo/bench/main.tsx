import { render } from 'preact';
import { usePlace } from '../frame/place.ts';
import { LANGUAGES, Language } from '../shared/strings.ts';
import { BenchPage } from './bench-page.tsx';

function Page() {
  const { place, go } = usePlace();
  return (
    <Language.Provider value={LANGUAGES[place.locale]}>
      <BenchPage go={go} />
    </Language.Provider>
  );
}

const page = document.querySelector('#page');
if (page) {
  page.replaceChildren();
  render(<Page />, page);
}
