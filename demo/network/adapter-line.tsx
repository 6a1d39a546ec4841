import { useStrings } from '../shared/strings.ts';
import { type DeviceState, describeAdapter } from './device.ts';

/** Which GPU computes, with a warning where it is none. */
export function AdapterLine({ state }: { state: DeviceState }) {
  const words = useStrings().adapter;
  const adapter = 'device' in state ? describeAdapter(state.device) : undefined;
  return (
    <div class="adapter">
      <p class="adapter-name">
        <span class="quiet">{words.label}</span>{' '}
        {adapter ? adapter.name || words.unnamed : state.kind === 'starting' ? words.starting : words.none}
      </p>
      {adapter?.software && (
        <p class="warning" role="note">
          {words.software}
        </p>
      )}
    </div>
  );
}
