#!/usr/bin/env node
// `npx linnet inspect FILE` and `npx linnet convert FILE FOLDER`: ONNX and TFLite files without a GPU.
import { mkdirSync, openAsBlob, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { convert, formatInspection, inspect } from 'linnet/tools';

const USAGE = `Usage:
  linnet inspect FILE [--sizes batch=1,height=224,width=224]
  linnet convert FILE FOLDER [--sizes ...] [--as float32|float16|uint8] [--card CARD.json]

FILE is a .onnx file, whose external data lies beside it, or a .tflite file. 'inspect' prints what is in it, what a plan takes,
and what Linnet cannot compute. 'convert' writes card.json, graph.json and model.safetensors for loadModel; CARD.json has fields
of the card that the file does not say: "name", "task", "preprocess", "labels".
`;

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sizes: { type: 'string' },
      as: { type: 'string' },
      card: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const [command, path, folder] = positionals;
  const sizes = values.sizes === undefined ? {} : { sizes: sizesOf(values.sizes) };
  if (command === 'inspect' && path && !folder && !values.help) {
    process.stdout.write(formatInspection(await inspect(await filesOf(path), sizes)));
    return;
  }
  if (command !== 'convert' || !path || !folder || values.help) {
    process.stdout.write(USAGE);
    if (!values.help) process.exitCode = 1;
    return;
  }
  const card = values.card === undefined ? {} : JSON.parse(readFileSync(values.card, 'utf8'));
  const written = await convert(await filesOf(path), {
    card: { name: basename(path).replace(/\.\w+$/, ''), ...card, options: { ...sizes, ...card.options } },
    ...(values.as !== undefined && { as: /** @type {'float32'} */ (values.as) }),
  });
  mkdirSync(folder, { recursive: true });
  for (const [name, content] of written) {
    writeFileSync(join(folder, name), content);
    console.log(`${join(folder, name)} (${content.length} bytes)`);
  }
}

/**
 * The file; of ONNX with what may be its external data, which is read only where the model names it.
 * @param {string} path
 */
async function filesOf(path) {
  /** @param {string} name */
  const open = async (name) => new File([await openAsBlob(join(dirname(path), name))], name);
  const model = await open(basename(path));
  if (!path.endsWith('.onnx')) return model;
  const others = readdirSync(dirname(path), { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.onnx'))
    .map(({ name }) => open(name));
  return others.length === 0 ? model : [model, ...(await Promise.all(others))];
}

/**
 * `batch=1,height=224`
 * @param {string} text
 */
function sizesOf(text) {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(pairs.map(([name = '', size]) => [name.trim(), Number(size)]));
}
