import { defineConfig, type Project } from 'playwright/test';
import { launchOptions } from './e2e/browser.ts';
import type { ProjectOptions } from './e2e/test.ts';

const pages = /(demo|embed|package)[^/]*\.spec\.ts$/;
const firefoxPages = /firefox\.spec\.ts$/;
const launch = launchOptions();
const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];
// Without the setups, what they build is as old as it is: the fixtures look.
if (process.argv.includes('--no-deps')) process.env.LINNET_NO_DEPS = 'yes';

const withCamera = { ...launch, args: [...launch.args, ...fakeCamera] };
// No kernel may count on workgroup memory being 0 at first, and to make it so is half of what SwiftShader compiles.
const kernels = { ...withCamera, args: [...withCamera.args, '--enable-dawn-features=disable_workgroup_init'] };

// Only cases without a document or pictures. Not among the others' runs: which GPU Dawn finds is up to the machine.
const node: Project<object, ProjectOptions> = {
  name: 'node',
  testMatch: /(ops|networks|random|twins|onnx|tflite|tune|profile)\.spec\.ts$/,
  grepInvert: /@firefox/,
  use: { gpuBrowser: 'node' },
};

export default defineConfig<object, ProjectOptions>({
  testDir: 'e2e',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['./e2e/summary-reporter.ts']],
  timeout: 120_000,
  // A page that shares its cores with the software adapter may draw a few frames a second.
  expect: { timeout: 30_000 },
  // A test that never yields cannot be stopped by its own timeout.
  globalTimeout: 4_200_000,
  // The software adapter takes all cores while it computes; a second worker computes while the first one waits.
  workers: 2,
  projects: [
    { name: 'pure', testDir: 'tests' },
    { name: 'library', testMatch: 'library.setup.ts' },
    { name: 'firefox-browser', testMatch: 'firefox.setup.ts', dependencies: ['library'] },
    { name: 'site', testMatch: 'demo.setup.ts', dependencies: ['library'] },
    {
      name: 'core',
      testIgnore: [pages, firefoxPages],
      // The software adapter lacks half precision.
      grepInvert: /@float16|@firefox/,
      dependencies: ['library'],
      use: { launchOptions: kernels, featureLevel: 'core' },
    },
    {
      name: 'compatibility',
      testIgnore: [pages, firefoxPages],
      // Other GPUs' kernels are the same text on either device; and large networks take long.
      grepInvert: /\bas on |@core|@float16|@firefox/,
      dependencies: ['library'],
      use: { launchOptions: kernels, featureLevel: 'compatibility' },
    },
    {
      name: 'firefox',
      testIgnore: pages,
      // Other GPUs' kernels are the same text as in Chromium, but for half precision.
      grepInvert: /random networks .*@core|\bas on (?!.*(@float16|@firefox))/,
      dependencies: ['firefox-browser', 'site'],
      use: { gpuBrowser: 'firefox' },
    },
    ...(process.env.LINNET_NODE ? [node] : []),
    {
      name: 'demo',
      testMatch: pages,
      dependencies: ['site'],
      use: { launchOptions: withCamera },
    },
  ],
});
