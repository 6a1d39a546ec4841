import { useMemo } from 'preact/hooks';
import { depths, wgslTokens } from './wgsl-tokens.ts';

/** A shader with numbered lines. The page's build leaves its lines without indentation; here they get it by their braces. */
export function WgslText({ shader, label }: { shader: string; label: string }) {
  const lines = useMemo(() => {
    const texts = shader.split('\n');
    const indents = depths(texts);
    return texts.map((text, index) => ({
      tokens: wgslTokens(text),
      indent: /^\s/.test(text) ? 0 : (indents[index] as number),
    }));
  }, [shader]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="wgsl scroll" aria-label={label} tabIndex={0}>
      <pre>
        {lines.map(({ tokens, indent }, index) => (
          <span key={index} class="line" style={{ '--indent': `${indent * 2}ch` }}>
            {tokens.map(({ kind, text }, at) =>
              kind === 'plain' ? (
                text
              ) : (
                <span key={at} class={`wgsl-${kind}`}>
                  {text}
                </span>
              ),
            )}
            {index < lines.length - 1 && '\n'}
          </span>
        ))}
      </pre>
    </section>
  );
}
