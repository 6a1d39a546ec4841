import './dial.css';

interface Props {
  label: string;
  values: readonly number[];
  value: number;
  show?: (value: number) => string;
  /** As a screen reader says the value, where that is more than is shown. */
  spoken?: (value: number) => string;
  onChange: (value: number) => void;
}

/** A slider over some numbers. */
export function Dial({ label, values, value, show = String, spoken = show, onChange }: Props) {
  return (
    <label class="dial">
      <span>
        {label} <strong>{show(value)}</strong>
      </span>
      <input
        type="range"
        min={0}
        max={values.length - 1}
        value={values.indexOf(value)}
        disabled={values.length === 1}
        aria-valuetext={spoken(value)}
        onInput={({ currentTarget }) => onChange(values[currentTarget.valueAsNumber] as number)}
      />
    </label>
  );
}
