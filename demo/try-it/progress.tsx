import type { NetworkChoice } from '../network/network-choice.ts';
import { useAnsweringName } from '../network/network-name.ts';
import { useFormat } from '../shared/format.ts';
import { useNetworkName, useStrings } from '../shared/strings.ts';

/** How far the next network is on its way. */
export function Progress({ choice: { loading, running, cancel } }: { choice: NetworkChoice }) {
  const strings = useStrings();
  const words = strings.network;
  const format = useFormat();
  const nameOf = useNetworkName();
  const answeringName = useAnsweringName();
  if (loading.kind !== 'loading') {
    return (
      <p class="hidden" role="status">
        {loading.kind === 'aborted' ? strings.problem.aborted : running && words.ready(answeringName(running))}
      </p>
    );
  }
  const { name, offer, loaded, total, compiling } = loading;
  const some = loaded === undefined ? '' : format.download(loaded);
  const detail = compiling
    ? words.compiling
    : total === undefined
      ? some
      : words.downloaded(some, format.download(total));
  return (
    <div class="progress">
      <label>
        <span>{words.loading(nameOf(offer, name))}</span>
        <progress {...(total !== undefined && !compiling && { max: total, value: loaded })} />
      </label>
      <span class="quiet small">{detail}</span>
      <button type="button" onClick={cancel}>
        {strings.cancel}
      </button>
    </div>
  );
}
