/** A shader's words and operators: what builds that keep its spaces, and others that do not, have in common. */
export const wgslWords = (text: string): string =>
  text
    .replace(/^\s*\/\/.*$/gm, '')
    .match(/@?[\w.]+|<<|>>|->|&&|\|\||[-+*/%=<>!]=|[^\s\w.]/g)
    ?.join(' ') ?? '';
