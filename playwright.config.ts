import { defineConfig } from 'playwright/test';
import { launchOptions } from './e2e/browser.ts';
import type { FeatureLevel } from './e2e/page/device.ts';

const pages = /(demo|embed|package)[^/]*\.spec\.ts$/;
const launch = launchOptions();
const fakeCamera = ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'];

export default defineConfig<object, { featureLevel: FeatureLevel }>({
  testDir: 'e2e',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['./e2e/summary-reporter.ts']],
  timeout: 120_000,
  // A test that never yields cannot be stopped by its own timeout.
  globalTimeout: 1_200_000,
  // The software adapter takes all cores while it computes; a second worker computes while the first one waits.
  workers: 2,
  projects: [
    { name: 'pure', testDir: 'tests' },
    { name: 'library', testMatch: 'library.setup.ts' },
    { name: 'site', testMatch: 'demo.setup.ts', dependencies: ['library'] },
    {
      name: 'core',
      testIgnore: pages,
      dependencies: ['library'],
      use: { launchOptions: launch, featureLevel: 'core' },
    },
    {
      name: 'compatibility',
      testIgnore: pages,
      // Other GPUs' kernels are the same text on either device; and large networks take long.
      grepInvert: /\bas on |@core/,
      dependencies: ['library'],
      use: { launchOptions: launch, featureLevel: 'compatibility' },
    },
    {
      name: 'demo',
      testMatch: pages,
      dependencies: ['site'],
      use: { launchOptions: { ...launch, args: [...launch.args, ...fakeCamera] } },
    },
  ],
});
