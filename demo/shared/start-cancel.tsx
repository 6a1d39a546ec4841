import { useStrings } from './strings.ts';

/** The button that begins what takes long, and while it goes on the one that ends it. */
export function StartCancel(props: {
  label: string;
  disabled: boolean;
  busy: boolean;
  onStart: () => void;
  onCancel: () => void;
}) {
  const strings = useStrings();
  return (
    <div class="actions">
      <button type="button" class="primary" disabled={props.disabled || props.busy} onClick={props.onStart}>
        {props.label}
      </button>
      {props.busy && (
        <button type="button" onClick={props.onCancel}>
          {strings.cancel}
        </button>
      )}
    </div>
  );
}
