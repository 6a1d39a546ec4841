import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { minify as compressBySwc } from '@swc/core';
import { build, defineConfig, minify, type Plugin, parseSync, type UserConfig, Visitor } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const entries = {
  index: `${root}engine/index.ts`,
  architectures: `${root}architectures/index.ts`,
  models: `${root}architectures/models.ts`,
  onnx: `${root}architectures/onnx.ts`,
  stream: `${root}engine/picture/stream.ts`,
  tflite: `${root}architectures/tflite.ts`,
  tools: `${root}architectures/tools.ts`,
};

// The demo is built without a mode, the library for bundlers and import maps by --mode esm, for a script tag by --mode iife.
export default defineConfig(({ mode }) => {
  if (mode === 'esm') return library({ input: entries, format: 'es', file: '[name].js' });
  if (mode === 'iife')
    return library({ input: `${root}architectures/linnet.ts`, format: 'iife', file: 'linnet.iife.js' });
  return demo();
});

// Not Vite's library mode: that one leaves white space in ES modules.
function library(output: {
  input: string | typeof entries;
  format: 'es' | 'iife';
  file: string;
  empty?: true;
}): UserConfig {
  return {
    publicDir: false,
    plugins: [
      shrinkShaders({ spaces: false }),
      placeAlike(),
      keepChunks(),
      output.format === 'iife' ? onlyItsOwn() : licences(),
      minifyAgain(),
    ],
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      target: 'es2022',
      // It is for pages, but there Vite wraps a dynamic import in code that preloads style sheets.
      ssr: true,
      // Both builds write to one folder; `npm run build` empties it first.
      emptyOutDir: false,
      rolldownOptions: {
        input: output.input,
        preserveEntrySignatures: 'strict',
        output: {
          format: output.format,
          name: 'linnet',
          entryFileNames: output.file,
          chunkFileNames: 'shared.js',
          minify: true,
          // An object of functions is no module to anyone.
          generatedCode: { symbols: false },
          // By these a user's bundler knows that it may drop the object of all architectures.
          comments: { annotation: output.format === 'es' },
        },
      },
    },
  };
}

function demo(): UserConfig {
  const pages = readdirSync(`${root}demo`).filter((file) => file.endsWith('.html') && file !== 'embed.html');
  // Node has no other sign of a desktop on Linux; elsewhere there is one.
  const desktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  return {
    root: `${root}demo`,
    base: './',
    plugins: [preact(), shrinkShaders(), embedPage(), selfieSegmentation(), licences(), socialPreview()],
    define: { LINNET_VERSION: JSON.stringify(version) },
    resolve: {
      alias: [
        { find: /^linnet$/, replacement: entries.index },
        { find: /^linnet\/architectures$/, replacement: entries.architectures },
        { find: /^linnet\/models$/, replacement: entries.models },
        { find: /^linnet\/onnx$/, replacement: entries.onnx },
        { find: /^linnet\/stream$/, replacement: entries.stream },
        { find: /^linnet\/tflite$/, replacement: entries.tflite },
      ],
    },
    server: { open: Boolean(desktop) && !process.env.CI },
    build: {
      target: 'es2022',
      outDir: `${root}dist-demo`,
      emptyOutDir: true,
      rolldownOptions: { input: pages.map((page) => `${root}demo/${page}`) },
    },
  };
}

/**
 * Takes indentation and whole-line comments out of shader files; lines stay where they are, so that the line numbers of a
 * shader compiler's message still fit the source. For the library, whose text nobody reads, spaces and most line breaks go too.
 */
function shrinkShaders({ spaces = true } = {}): Plugin {
  return {
    name: 'shrink-shaders',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/shaders\/[^/]*\.ts$/ },
      handler(code) {
        const text = code.replace(/^[ \t]+/gm, '').replace(/^\/\/(?!.*(`|\$\{|\*\/)).*$/gm, '');
        return spaces ? text : withoutSpaces(text);
      },
    },
  };
}

/** Without what separates no words in WGSL's text, between lines only behind punctuation; but for the preprocessor's lines, and for what is within `${}`. */
function withoutSpaces(code: string): string {
  const pieces: { start: number; end: number }[] = [];
  // In TypeScript's syntax tree a piece begins with a backtick or `}` and ends with a backtick or `${`.
  const visitor = new Visitor({
    TemplateElement: ({ start, end, tail }) => pieces.push({ start: start + 1, end: end - (tail ? 1 : 2) }),
  });
  visitor.visit(parseSync('shader.ts', code).program);
  pieces.sort((a, b) => b.start - a.start);
  return pieces.reduce((text, { start, end }) => {
    const lines = text.slice(start, end).split('\n');
    // `> =` and `- -` would be other operators without their space.
    const shrunk = lines.map((line) =>
      line.startsWith('#')
        ? line
        : line.replace(/(?<!>) ?([=+*/%<,;:{}()|&!]|->) ?/g, '$1').replace(/(?<=[\w)\]]) (-|>=?) (?=[\w(])/g, '$1'),
    );
    const joined = shrunk
      .join('\n')
      .replace(/\n{2,}/g, '\n')
      .replace(/(?<=^(?!.*\/\/).*[;{},(])\n(?!#)/gm, '');
    return text.slice(0, start) + joined + text.slice(end);
  }, code);
}

/**
 * Lets the library's entries first import these modules, in this order. A bundle keeps modules in the order of their first
 * import, and gzip sees 32 KiB back: where alike ones lie side by side it is 4 % smaller. Found by trying exchanges; a module
 * that is missing here comes after them.
 */
function placeAlike(): Plugin {
  const first = [
    'shaders/resample2d.wgsl',
    'shaders/picture-overlay.wgsl',
    'shaders/image-to-tensor.wgsl',
    'shaders/mask-to-picture.wgsl',
    'shaders/mask-colours.wgsl',
    'shaders/window-mean.wgsl',
    'shaders/repack.wgsl',
    'shaders/copy.wgsl',
    'shaders/softmax.wgsl',
    'shaders/reduce2d.wgsl',
    'shaders/winograd-output.wgsl',
    'shaders/sums',
    'engine/plan/plan',
    'shaders/pad2d.wgsl',
    'shaders/adaptive-average-pool2d.wgsl',
    'shaders/pool2d.wgsl',
    'engine/common/kinds',
    'shaders/winograd-filter.wgsl',
    'shaders/conv2d-depthwise.wgsl',
    'shaders/conv-transpose2d.wgsl',
    'shaders/conv2d-pointwise.wgsl',
    'shaders/winograd-input.wgsl',
    'shaders/conv2d.wgsl',
    'shaders/elementwise.wgsl',
    'engine/kernels/tiles',
    'engine/graph/builder',
    'engine/kernels/maps',
    'engine/all-ops',
    'engine/weights/weights',
    'engine/run/inputs',
    'engine/common/pause',
    'engine/kernels/winograd',
    'engine/kernels/lower',
    'engine/plan/uniforms',
    'shaders/broadcast.wgsl',
    'shaders/phases',
    'engine/kernels/views',
    'engine/weights/pack',
    'engine/common/numbers',
    'engine/weights/load',
    'engine/common/signal',
    'engine/run/network',
    'engine/picture/segmenter',
    'engine/picture/pictures',
    'shaders/slope',
    'engine/picture/overlay',
    'engine/kernels/layers',
    'engine/weights/safetensors',
    'engine/graph/affine',
  ];
  return {
    name: 'place-alike',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/(engine\/index|architectures\/linnet)\.ts$/ },
      handler: (code) => first.map((path) => `import '../${path}.ts';`).join('') + code,
    },
  };
}

/**
 * Lets the entry of streams import all that a model has. Modules that it shared with others by itself would be in chunks of
 * their own, and all bundles in another order.
 */
function keepChunks(): Plugin {
  return {
    name: 'keep-chunks',
    apply: 'build',
    enforce: 'pre',
    transform: {
      filter: { id: /\/picture\/stream\.ts$/ },
      handler: (code) => `import '../index.ts';import '../../architectures/models.ts';${code}`,
    },
  };
}

/**
 * A hundredth less than the bundler's own minifier leaves. Of modules the marks of what is pure are kept, and the user's
 * bundler minifies them once more; the single file nobody does.
 */
function minifyAgain(): Plugin {
  const compress = { passes: 3, ecma: 2020, inline: 1, unsafe_arrows: true, evaluate: false } as const;
  return {
    name: 'minify-again',
    async generateBundle({ format }, bundle) {
      const module = format === 'es';
      const marks = { comments: { regex: '__(PURE|NO_SIDE_EFFECTS)__' } };
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        const { code } = await compressBySwc(output.code, {
          compress,
          mangle: true,
          module,
          format: module ? marks : {},
        });
        output.code = module ? code : (await minify(output.fileName, code, { module, mangle: true })).code;
      }
    },
  };
}

/**
 * The single file has nothing to import later: it goes without what tunes and what was found by that, without what opens other
 * files or reads them as they are, and without the ops that no network of its own has.
 */
function onlyItsOwn(): Plugin {
  const refusal = (what: string) =>
    `throw new UnsupportedError("The single file cannot ${what}; Linnet's modules can.");`;
  const replacements: Readonly<Record<string, (code: string) => string>> = {
    'engine/index.ts': (code) => code.replace(/^export .*run\/kept.*$/m, '').replace(/\bloadBytes,/, ''),
    'engine/run/tuner.ts': () => `
      import { UnsupportedError } from '../common/errors.ts';
      export async function importTuner(isAsked) {
        if (isAsked) ${refusal("'tune'")}
      }`,
    'architectures/import/opener.ts': () => `
      import { UnsupportedError } from '../../engine/common/errors.ts';
      export const isModelFile = () => false;
      export async function importOpener() {
        ${refusal('open other files')}
      }`,
    'engine/kernels/slope.ts': () => 'export const slopeOf = () => [];',
    'shaders/slope.ts': () => "export const slopeBinding = () => ({}), andSlice = () => '';",
    'engine/all-ops.ts': () => `
      import { architectureWith } from './architecture.ts';
      import { ResizingGraphBuilder as Builder } from './graph/resizing-builder.ts';
      import { BASIC, CONCATENATING, RESIZING, TRANSPOSED, WINOGRAD } from './kernels/candidates.ts';
      const ops = { Builder, candidates: [BASIC, CONCATENATING, RESIZING, TRANSPOSED, WINOGRAD] };
      export const architecture = (name, build) => architectureWith(name, ops, build);`,
  };
  return {
    name: 'only-its-own',
    enforce: 'pre',
    transform: {
      filter: { id: /\.ts$/ },
      handler: (code, id) => replacements[id.slice(root.length)]?.(code),
    },
  };
}

/** The page knows no address of its own, but who shows a link wants one of its picture: `SITE=https://... npm run build:demo`. */
function socialPreview(): Plugin {
  return {
    name: 'social-preview',
    transformIndexHtml: (html) => {
      const site = process.env.SITE;
      return site ? html.replace('content="./preview.jpg"', `content="${new URL('preview.jpg', site).href}"`) : html;
    },
  };
}

/** The licences of what is bundled ask to be handed on. */
function licences(): Plugin {
  const packages = ['flatbuffers', 'pbf', 'wgsl-preprocessor'];
  return {
    name: 'licences',
    generateBundle() {
      const texts = packages.map((name) => `${name}\n\n${readFileSync(`${root}node_modules/${name}/LICENSE`, 'utf8')}`);
      this.emitFile({
        type: 'asset',
        fileName: 'third-party-licences.txt',
        source: texts.join(`\n${'-'.repeat(80)}\n\n`),
      });
    },
  };
}

/** MediaPipe's person segmenter lies beside its card, with its licence; the file stays in its package. */
function selfieSegmentation(): Plugin {
  const folder = 'models/selfie-segmentation/';
  const files = {
    'selfie_segmentation.tflite': `${root}node_modules/@mediapipe/selfie_segmentation/selfie_segmentation.tflite`,
    // The text of the Apache License 2.0, which is both's.
    'LICENSE.txt': `${root}demo/public/cards/imagenet-labels.LICENSE.txt`,
  };
  return {
    name: 'selfie-segmentation',
    configureServer(server) {
      for (const [name, path] of Object.entries(files)) {
        server.middlewares.use(`/${folder}${name}`, (_request, response) => void response.end(readFileSync(path)));
      }
    },
    generateBundle() {
      for (const [name, path] of Object.entries(files)) {
        this.emitFile({ type: 'asset', fileName: folder + name, source: readFileSync(path) });
      }
    },
  };
}

/** The embedding page is shown as its reader would write it: beside the single file, untouched by a bundler. */
function embedPage(): Plugin {
  const files = ['embed.html', 'embed.js'];
  const singleFile = async () => {
    const result = await build({ configFile: `${root}vite.config.ts`, mode: 'iife', root, build: { write: false } });
    const [output] = [result].flat();
    if (!output || !('output' in output)) throw new Error('The build of the single file has no output.');
    return output.output[0].code;
  };
  return {
    name: 'embed-page',
    configureServer(server) {
      server.middlewares.use('/linnet.iife.js', async (_request, response) => {
        response.setHeader('content-type', 'text/javascript').end(await singleFile());
      });
    },
    async generateBundle() {
      for (const fileName of files) {
        this.emitFile({ type: 'asset', fileName, source: readFileSync(`${root}demo/${fileName}`) });
      }
      this.emitFile({ type: 'asset', fileName: 'linnet.iife.js', source: await singleFile() });
    },
  };
}
