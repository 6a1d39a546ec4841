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

/** @typedef {{ node: Node, module: Module }} Definition */
/** @typedef {{ definitions: Map<string, Node>, imports: Map<string, { file: string, name: string }> }} Module */

/**
 * What a module of a format defines at its top, by name, and what it imports from others of the format.
 * @param {URL} file
 * @returns {Module}
 */
function readModule(file) {
  /** @type {Module} */
  const { definitions, imports } = { definitions: new Map(), imports: new Map() };
  const { program } = parseSync(file.pathname, readFileSync(file, 'utf8'));
  for (const statement of /** @type {Node[]} */ (/** @type {unknown} */ (program.body))) {
    const declared = /** @type {Node} */ (statement.declaration ?? statement);
    if (['FunctionDeclaration', 'ClassDeclaration'].includes(declared.type))
      definitions.set(nameOf(declared.id), declared);
    if (declared.type === 'VariableDeclaration') {
      for (const { id, init } of /** @type {Node[]} */ (declared.declarations)) {
        if (isNode(init)) definitions.set(nameOf(id), init);
      }
    }
    const source = declared.type === 'ImportDeclaration' ? nameOf(declared.source) : '';
    if (!source.startsWith('./')) continue;
    for (const { local, imported } of /** @type {Node[]} */ (declared.specifiers)) {
      imports.set(nameOf(local), { file: new URL(source, file).href, name: nameOf(imported) });
    }
  }
  return { definitions, imports };
}

/**
 * The reasons that an operator's function, and those that it calls, can give for not computing it; and those of the classes by
 * whose methods it reads its operands and makes its results, which are any operator's.
 * @param {string} format
 * @returns {{ operators: [operator: string, reasons: string[]][], shared: string[] }}
 */
function refusalsOf(format) {
  const folder = new URL(`${format}/`, folders);
  const modules = new Map(
    readdirSync(folder).map((name) => {
      const file = new URL(name, folder);
      return [file.href, readModule(file)];
    }),
  );
  const root = /** @type {Module} */ (modules.get(new URL('operators.ts', folder).href));

  /** @param {Module} module @param {string} name @returns {Definition | undefined} */
  const definitionOf = (module, name) => {
    const node = module.definitions.get(name);
    if (node) return { node, module };
    const imported = module.imports.get(name);
    const from = imported && modules.get(imported.file);
    return from && definitionOf(from, imported.name);
  };
  /** @param {Definition | undefined} table @returns {Definition[]} */
  const entriesOf = (table) => {
    if (!table) return [];
    const { module } = table;
    const object = [...nodesIn(table.node)].find(({ type }) => type === 'ObjectExpression');
    return /** @type {Node[]} */ (object?.properties ?? []).flatMap((node) =>
      node.type === 'SpreadElement' ? entriesOf(definitionOf(module, nameOf(node.argument))) : [{ node, module }],
    );
  };
  /** @param {Definition[]} from */
  const reasonsOf = (from) => {
    /** @type {Set<string>} */
    const reasons = new Set();
    const seen = new Set();
    const waiting = [...from];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      for (const inner of nodesIn(next.node)) {
        if (inner.type === 'CallExpression' && nameOf(inner.callee) === 'unsupported') {
          const text = textOf(/** @type {unknown[]} */ (inner.arguments)[0]);
          if (text) reasons.add(text);
        }
        const definition = inner.type === 'Identifier' ? definitionOf(next.module, nameOf(inner)) : undefined;
        if (!definition || definition.node.type === 'ClassDeclaration' || seen.has(definition.node)) continue;
        seen.add(definition.node);
        waiting.push(definition);
      }
    }
    return [...reasons].sort();
  };
  const classes = [...modules.values()].flatMap((module) =>
    [...module.definitions.values()].flatMap((node) => (node.type === 'ClassDeclaration' ? [{ node, module }] : [])),
  );
  const operators = entriesOf(definitionOf(root, 'OPERATORS')).map(
    ({ node: property, module }) =>
      /** @type {[string, string[]]} */ ([
        nameOf(property.key),
        reasonsOf([{ node: /** @type {Node} */ (property.value), module }]),
      ]),
  );
  return { operators: operators.sort(([a], [b]) => a.localeCompare(b, 'en')), shared: reasonsOf(classes) };
}

/** @param {string} format */
function sectionOf(format) {
  const { operators, shared } = refusalsOf(format);
  const rows = operators.map(([operator, reasons]) => {
    const cells = reasons.map((reason) => reason.replaceAll('|', '\\|'));
    return `| \`${operator}\` | ${cells.join('; ')} |`;
  });
  return `| operator | is not computed where |
| --- | --- |
${rows.join('\n')}

Any of them may besides say: ${shared.join('; ')}.`;
}

/** The page, as the code has it. */
export function operatorsPage() {
  return `# Operators of ONNX and TFLite

Written by \`npm run operators -- --update\` from the code that opens these files: each operator that it knows, and every reason
that it can give for not computing one (… stands for what the file has). What else is in a file is refused by name, all of it in
one \`ModelError\`, before anything is allocated. [importing.md](importing.md) says how to get such files.

Everywhere: tensors of numbers with up to five axes, computed as floats; filters, and all that says how to compute, are constant.

## ONNX, opset 7 to 22

${sectionOf('onnx')}

## TensorFlow Lite

${sectionOf('tflite')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--update')) writeFileSync(page, operatorsPage());
  else process.stdout.write(operatorsPage());
}
