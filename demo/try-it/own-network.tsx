import { ARCHITECTURE_NAMES } from 'linnet/models';
import { useId, useState } from 'preact/hooks';
import type { NetworkChoice } from '../network/network-choice.ts';
import type { Uncarded } from '../network/networks.ts';
import { useStrings } from '../shared/strings.ts';

/** One's own card or weights, by address or from files, and what weights alone do not tell. */
export function OwnNetwork({ choice: { uncarded, setUncarded, takeAddress, takeFiles } }: { choice: NetworkChoice }) {
  const words = useStrings().own;
  const id = useId();
  const [address, setAddress] = useState('');
  const change = (changed: Partial<Uncarded>) => setUncarded({ ...uncarded, ...changed });
  return (
    <div class="own">
      <p>{words.intro}</p>
      <div class="actions">
        <label class="button">
          <input
            type="file"
            multiple
            accept=".json,.safetensors,.txt,.onnx,.data,.tflite"
            class="hidden"
            onChange={({ currentTarget }) => {
              void takeFiles([...(currentTarget.files ?? [])]);
              currentTarget.value = '';
            }}
          />
          {words.files}
        </label>
      </div>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (address.trim()) takeAddress(address.trim());
        }}
      >
        <label for={`${id}-address`}>{words.url}</label>
        <div class="row">
          <input
            id={`${id}-address`}
            type="url"
            required
            placeholder="https://"
            value={address}
            onInput={({ currentTarget }) => setAddress(currentTarget.value)}
          />
          <button type="submit">{words.load}</button>
        </div>
      </form>
      <details>
        <summary>{words.withoutCard}</summary>
        <label for={`${id}-architecture`}>{words.architecture}</label>
        <select
          id={`${id}-architecture`}
          value={uncarded.architecture}
          onChange={({ currentTarget }) => change({ architecture: currentTarget.value })}
        >
          {ARCHITECTURE_NAMES.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <label for={`${id}-names`}>{words.names}</label>
        <select
          id={`${id}-names`}
          value={uncarded.names}
          onChange={({ currentTarget }) => change({ names: currentTarget.value })}
        >
          <option value="">{words.namesOwn}</option>
          <option value="timm">{words.namesTimm}</option>
        </select>
        <label for={`${id}-options`}>{words.options}</label>
        <textarea
          id={`${id}-options`}
          rows={3}
          spellcheck={false}
          value={uncarded.options}
          onInput={({ currentTarget }) => change({ options: currentTarget.value })}
        />
        <label for={`${id}-preprocess`}>{words.preprocess}</label>
        <textarea
          id={`${id}-preprocess`}
          rows={4}
          spellcheck={false}
          value={uncarded.preprocess}
          onInput={({ currentTarget }) => change({ preprocess: currentTarget.value })}
        />
      </details>
    </div>
  );
}
