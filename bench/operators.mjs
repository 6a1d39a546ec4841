// The operators of ONNX and TFLite that Linnet computes, and what it refuses of each, as its code says it:
// `npm run operators -- --update` writes docs/operators.md, tests/operators.test.ts compares.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync } from 'vite';

const folders = new URL('../architectures/import/', import.meta.url);
const page = new URL('../docs/operators.md', import.meta.url);

/** @typedef {{ type: string, [key: string]: unknown }} Node */

/** @param {unknown} value @returns {value is Node} */
const isNode = (value) => typeof (/** @type {Node | null} */ (value)?.type) === 'string';

/**
 * Every node of a syntax tree, but for the names of members, which are no variables.
 * @param {unknown} value
 * @returns {Generator<Node>}
 */
function* nodesIn(value) {
  if (Array.isArray(value)) for (const item of value) yield* nodesIn(item);
  else if (isNode(value)) {
    yield value;
    for (const [field, inner] of Object.entries(value)) {
      const isName = ['property', 'key'].includes(field) && !value.computed && !value.shorthand;
      if (!isName) yield* nodesIn(inner);
    }
  }
}

/** @param {unknown} node */
const nameOf = (node) => String(/** @type {Node} */ (node).name ?? /** @type {Node} */ (node).value);

/**
 * The text of a literal; what is put into it is left out.
 * @param {unknown} argument
 */
function textOf(argument) {
  const literal = /** @type {Node} */ (argument);
  if (literal?.type === 'Literal') return String(literal.value);
  if (literal?.type !== 'TemplateLiteral') return undefined;
  const pieces = /** @type {{ value: { cooked: string } }[]} */ (/** @type {unknown} */ (literal.quasis));
  return pieces.map(({ value }) => value.cooked).join('…');
}

/**
 * What the modules of a format define at their top, by name.
 * @param {string} format
 */
function definitionsOf(format) {
  /** @type {Map<string, Node>} */
  const definitions = new Map();
  const folder = new URL(`${format}/`, folders);
  for (const file of readdirSync(folder)) {
    const { program } = parseSync(file, readFileSync(new URL(file, folder), 'utf8'));
    for (const statement of /** @type {Node[]} */ (/** @type {unknown} */ (program.body))) {
      const declared = /** @type {Node} */ (statement.declaration ?? statement);
      if (declared.type === 'FunctionDeclaration') definitions.set(nameOf(declared.id), declared);
      if (declared.type !== 'VariableDeclaration') continue;
      for (const { id, init } of /** @type {Node[]} */ (declared.declarations)) {
        if (isNode(init)) definitions.set(nameOf(id), init);
      }
    }
  }
  return definitions;
}

/**
 * By operator: the reasons that its function, and those that it calls, can give for not computing it.
 * @param {string} format
 * @returns {[operator: string, reasons: string[]][]}
 */
function refusalsOf(format) {
  const definitions = definitionsOf(format);
  const table = [...nodesIn(definitions.get('OPERATORS'))].find(({ type }) => type === 'ObjectExpression');
  return /** @type {Node[]} */ (table?.properties ?? []).map((property) => {
    const reasons = new Set();
    const seen = new Set(['OPERATORS']);
    const waiting = [property.value];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      for (const inner of nodesIn(node)) {
        if (inner.type === 'CallExpression' && nameOf(inner.callee) === 'unsupported') {
          const text = textOf(/** @type {unknown[]} */ (inner.arguments)[0]);
          if (text) reasons.add(text);
        }
        const name = inner.type === 'Identifier' ? nameOf(inner) : '';
        const definition = seen.has(name) ? undefined : definitions.get(name);
        seen.add(name);
        if (definition) waiting.push(definition);
      }
    }
    return [nameOf(property.key), [...reasons].sort()];
  });
}

/** @param {string} format */
const rowsOf = (format) =>
  refusalsOf(format).map(([operator, reasons]) => {
    const cells = reasons.map((reason) => reason.replaceAll('|', '\\|'));
    return `| \`${operator}\` | ${cells.join('; ')} |`;
  });

/** The page, as the code has it. */
export function operatorsPage() {
  const head = ['| operator | is not computed where |', '| --- | --- |'];
  return `# Operators of ONNX and TFLite

Written by \`npm run operators -- --update\` from the code that opens these files: each operator that it knows, and every reason
that it can give for not computing one (… stands for what the file has). What else is in a file is refused by name, all of it in
one \`ModelError\`, before anything is allocated. [importing.md](importing.md) says how to get such files.

Everywhere: tensors of numbers with up to five axes, computed as floats; filters, and all that says how to compute, are constant.

## ONNX, opset 7 to 22

${[...head, ...rowsOf('onnx')].join('\n')}

## TensorFlow Lite

${[...head, ...rowsOf('tflite')].join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--update')) writeFileSync(page, operatorsPage());
  else process.stdout.write(operatorsPage());
}
