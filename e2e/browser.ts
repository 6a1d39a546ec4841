// The Chromium that the GPU tests run in: where it is, how it is started, how to get one; and what Firefox shares of that
// (firefox.ts). Not a list of supported browsers.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright/test';

const root = process.getuid?.() === 0;
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Whether the tests run on the machine's own GPU, not on a software adapter. */
export const onHardware = process.env.LINNET_GPU === 'hardware';

/** The browser's path: $LINNET_BROWSER, else Playwright's own Chromium, else a Chromium or Chrome of this machine. */
export function findBrowser(): string | undefined {
  return process.env.LINNET_BROWSER ?? [chromium.executablePath(), ...onPath(names), ...usualPlaces()].find(isFile);
}

export function launchOptions(): { executablePath?: string; args: string[] } {
  const executablePath = findBrowser();
  const args = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
  args.push(...(onHardware ? hardwareAdapter() : softwareAdapter));
  if (root) args.push('--no-sandbox');
  return executablePath ? { executablePath, args } : { args };
}

// Exactly these: with fewer, presenting a canvas kills the GPU process of headless Chromium.
const softwareAdapter = [
  '--enable-unsafe-webgpu',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--use-angle=swiftshader',
];

// Chromium keeps WebGPU behind a flag on Linux, and there it needs Vulkan for both compute and canvas.
function hardwareAdapter(): string[] {
  if (process.platform !== 'linux') return ['--enable-unsafe-webgpu'];
  return ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--use-angle=vulkan', '--ignore-gpu-blocklist'];
}

/** The browser's path, after installing one where there is none; fails with one sentence that says what to do. */
export function installBrowser(): string {
  const found = findBrowser();
  if (found && !isFile(found)) throw new Error(`LINNET_BROWSER is '${found}', and there is no such file.`);
  if (found) return found;
  installOnDebian('chromium');
  if (!findBrowser()) {
    const cli = join(createRequire(import.meta.url).resolve('playwright/package.json'), '..', 'cli.js');
    // The libraries may be there already, so the browser is worth a try even where they cannot be installed.
    if (process.platform === 'linux' && maySudo()) execute(process.execPath, cli, 'install-deps', 'chromium');
    execute(process.execPath, cli, 'install', 'chromium', '--no-shell');
  }
  const installed = findBrowser();
  if (installed) return installed;
  throw new Error(
    'No browser was found or could be installed: install Chromium or Chrome, or set LINNET_BROWSER to one.',
  );
}

/** Installs packages where that can be done; says nothing of whether it could. */
export function installOnDebian(...packages: string[]): void {
  if (!isDebian() || !maySudo()) return;
  const sudo = root ? [] : ['sudo', '-n'];
  const apt = (...args: string[]) => execute(...sudo, 'apt-get', '-o', 'DPkg::Lock::Timeout=600', ...args);
  if (apt('update')) apt('install', '-y', '--no-install-recommends', ...packages);
}

// Ubuntu's packages of these names are stubs that need snapd.
function isDebian(): boolean {
  if (!existsSync('/etc/os-release')) return false;
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID(_LIKE)?=.*debian/m.test(release) && !/ubuntu/i.test(release);
}

function maySudo(): boolean {
  return root || spawnSync('sudo', ['-n', 'true']).status === 0;
}

function execute(...line: string[]): boolean {
  console.log(`$ ${line.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(line[0]!, line.slice(1), { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}

export function onPath(names: readonly string[]): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return names.flatMap((name) => folders.map((folder) => join(folder, name + suffix)));
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === 'win32') {
    const { PROGRAMFILES, LOCALAPPDATA } = process.env;
    const folders = [PROGRAMFILES, process.env['PROGRAMFILES(X86)'], LOCALAPPDATA].filter(
      (folder) => folder !== undefined,
    );
    return folders.map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
  }
  return [];
}

export function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
