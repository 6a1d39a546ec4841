/** Sizes such as “3 × 3”, “k = 32” and “3 MiB” stay in one line, and so does a Korean particle with the sign that it follows, where browsers would break. */
const unbrokenText = (text: string): string =>
  text
    .replace(/(?<=[\dK]) × (?=[\dK])/g, '\u00a0×\u00a0')
    .replace(/(?<=k) = (?=\d)/g, '\u00a0=\u00a0')
    .replace(/(?<=\d) (?=(ms|[kMG]?B|[KMG]iB)(?![a-z]))/gi, '\u00a0')
    .replace(/(?<=[%)\]’”'])(?=[가-힣])/g, '\u2060');

/** The same words, with texts that break in the right places. */
export function unbroken<Words>(words: Words): Words {
  const bind = (value: unknown): unknown => {
    if (typeof value === 'string') return unbrokenText(value);
    if (typeof value === 'function') return (...given: unknown[]) => bind(value(...given));
    if (Array.isArray(value)) return value.map(bind);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, bind(each)]));
  };
  return bind(words) as Words;
}
