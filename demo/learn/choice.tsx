interface Props<Value extends number> {
  label: string;
  values: readonly Value[];
  value: Value;
  show?: (value: Value) => string;
  class?: string;
  onChange: (value: Value) => void;
}

/** One of some numbers, in a list that opens. */
export function Choice<Value extends number>({ label, values, value, show = String, onChange, ...more }: Props<Value>) {
  return (
    <label {...more}>
      {label}
      <select value={value} onChange={({ currentTarget }) => onChange(Number(currentTarget.value) as Value)}>
        {values.map((each) => (
          <option key={each} value={each}>
            {show(each)}
          </option>
        ))}
      </select>
    </label>
  );
}
