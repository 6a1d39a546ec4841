import type { Card } from 'linnet/models';
import { useState } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';

interface Props {
  card: Pick<Card, 'task'>;
  /** Of the card; what came as a file has none. */
  url: string | undefined;
}

/** A page's code that does with a network what this page does. */
export function Code({ card: { task }, url }: Props) {
  const words = useStrings().code;
  const [copied, setCopied] = useState(false);
  const code = codeFor(task, url ?? 'model.onnx');
  const copy = async () => {
    await navigator.clipboard.writeText(code);
    setCopied(true);
  };
  return (
    <details class="code" onToggle={() => setCopied(false)}>
      <summary>{words.heading}</summary>
      <p class="prose">{words.intro}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it. */}
      <pre class="scroll" tabIndex={0}>
        <code>{code}</code>
      </pre>
      <button type="button" onClick={copy}>
        {copied ? words.copied : words.copy}
      </button>
    </details>
  );
}

function codeFor(task: Card['task'], source: string): string {
  return task === 'classification'
    ? `import { loadModel } from 'linnet/models';

const model = await loadModel('${source}', { task: 'classification' });
const [best] = await model.classify(document.querySelector('img'));
console.log(best.label, best.probability);`
    : `import { createOverlay, loadModel } from 'linnet/models';

const model = await loadModel('${source}', { task: 'segmentation' });
const overlay = await createOverlay(model, document.querySelector('canvas'), { size: 'picture' });
await overlay.draw(document.querySelector('img'), { mode: 'cutout' });`;
}
