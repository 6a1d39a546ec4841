export type TokenKind = 'comment' | 'attribute' | 'keyword' | 'type' | 'number' | 'call' | 'plain';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

const KEYWORDS = new Set(
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while'.split(
    ' ',
  ),
);
const TYPES =
  /^(bool|[iuf]32|f16|(vec|mat)\d(x\d)?[iufh]?|array|atomic|ptr|sampler|texture_\w+|storage|uniform|workgroup|read|read_write|write|function|private)$/;
/** Comments, attributes, numbers and words; whatever lies between them is plain. */
const PARTS = /\/\/.*|@\w+|\b(?:0x[\da-f]+|\d+\.?\d*(?:e[+-]?\d+)?)[iufh]?\b|\.\d+[fh]?|[a-z_]\w*(\s*\()?/gi;

/** A line of WGSL in parts, which together are the line. */
export function wgslTokens(line: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  const add = (kind: TokenKind, text: string) => text && tokens.push({ kind, text });
  for (const { 0: text, index } of line.matchAll(PARTS)) {
    add('plain', line.slice(end, index));
    end = index + text.length;
    const word = /^\w+/.exec(text)?.[0] ?? '';
    // The parenthesis that makes a word a call is not part of it.
    if (/^[a-z_]/i.test(text)) {
      add(kindOf(word, text !== word), word);
      add('plain', text.slice(word.length));
    } else add(text.startsWith('//') ? 'comment' : text.startsWith('@') ? 'attribute' : 'number', text);
  }
  add('plain', line.slice(end));
  return tokens;
}

function kindOf(word: string, isCall: boolean): TokenKind {
  if (KEYWORDS.has(word)) return 'keyword';
  if (TYPES.test(word)) return 'type';
  return isCall ? 'call' : 'plain';
}

/** How deep in braces each line is. */
export function depths(lines: readonly string[]): number[] {
  let depth = 0;
  return lines.map((line) => {
    const code = line.replace(/\/\/.*/, '');
    const before = depth;
    for (const brace of code.match(/[{}()]/g) ?? []) depth += '{('.includes(brace) ? 1 : -1;
    return Math.max(0, Math.min(before, /^\s*[})]/.test(code) ? before - 1 : before));
  });
}
