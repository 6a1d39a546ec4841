import { useEffect, useMemo, useState } from 'preact/hooks';
import './layers.css';
import type { ViewProps } from '../frame/view-props.ts';
import { AdapterLine } from '../network/adapter-line.tsx';
import { layersOf } from '../network/layers-of.ts';
import { Original } from '../picture/seen.tsx';
import { Problem } from '../shared/problem.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import { LayerList } from './layer-list.tsx';
import { LayerPanel } from './layer-panel.tsx';
import { words as bothLanguages } from './layers-strings.ts';
import { MapsView } from './maps-view.tsx';

/** The running network from inside: its layers, and what each makes of the picture. */
export default function Layers({ state, device, enqueue, networks, pictures }: ViewProps) {
  const strings = useStrings();
  const words = useWords(bothLanguages);
  const { running, loading, offers, fetchOffer } = networks;
  const plan = running?.model.network.plan;
  const [selected, setSelected] = useState(0);
  // The first layer that computes, not the one that brings the picture in.
  const layers = useMemo(() => (plan ? layersOf(plan) : []), [plan]);
  useEffect(() => setSelected(layers.findIndex(({ macs }) => macs > 0)), [layers]);
  const shown = Math.max(0, Math.min(selected, layers.length - 1));
  const layer = layers[shown];
  const { picture } = pictures;
  const first = offers?.find(({ group }) => group === 'here');

  return (
    <>
      <p class="lead">{words.lead}</p>
      <AdapterLine state={state} />
      {loading.kind === 'failed' && <Problem error={loading.error} />}
      {pictures.error !== undefined && <Problem error={pictures.error} />}
      {running && plan && layer ? (
        <section class="layers-view" aria-labelledby="layers-heading">
          <h2 id="layers-heading">{running.model.card.name}</h2>
          <div class="layers-intro">
            {picture && <Original bitmap={picture.bitmap} label={picture.truth ?? picture.name} />}
            <p class="prose">
              {words.intro} <a href="#try">{words.another}</a>
            </p>
          </div>
          <div class="layers-grid">
            <LayerList layers={layers} selected={shown} onSelect={setSelected} />
            <section class="layer" aria-labelledby="layer-heading">
              <h3 id="layer-heading">
                {layer.name} <small>{layer.kind}</small>
              </h3>
              {device && picture ? (
                <MapsView
                  device={device}
                  enqueue={enqueue}
                  network={running.model.network}
                  layer={layer}
                  picture={picture.bitmap}
                />
              ) : (
                <p class="quiet">{strings.picture.none}</p>
              )}
              <LayerPanel plan={plan} layer={layer} />
            </section>
          </div>
        </section>
      ) : (
        <section>
          {loading.kind === 'loading' ? (
            <p class="quiet" role="status">
              {strings.network.loading(loading.name)}
            </p>
          ) : (
            <>
              <p>{words.nothing}</p>
              {device && first && (
                <button type="button" class="primary" onClick={() => fetchOffer(first)}>
                  {words.start(first.card.name)}
                </button>
              )}
            </>
          )}
        </section>
      )}
    </>
  );
}
