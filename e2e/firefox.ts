// The second browser of the GPU tests: where it is, how to get it, how it is started and watched. Puppeteer drives it, through
// WebDriver BiDi.
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { launch, type Page } from 'puppeteer-core';
import { installOnDebian, isFile, onHardware, onPath } from './browser.ts';

export interface Firefox {
  readonly version: string;
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/** The path of Firefox: $LINNET_FIREFOX, else one of this machine. */
function findFirefox(): string | undefined {
  return process.env.LINNET_FIREFOX ?? [...onPath(['firefox-esr', 'firefox']), ...usualPlaces()].find(isFile);
}

/** Installs Firefox and a software adapter where they are missing; fails with one sentence that says what to do. */
export function installFirefox(): string {
  const found = findFirefox();
  if (found && !isFile(found)) throw new Error(`LINNET_FIREFOX is '${found}', and there is no such file.`);
  const needsAdapter = process.platform === 'linux' && !onHardware && !lavapipe();
  const missing = [...(found ? [] : ['firefox-esr']), ...(needsAdapter ? ['mesa-vulkan-drivers'] : [])];
  if (missing.length > 0) installOnDebian(...missing);
  const installed = findFirefox();
  if (installed) return installed;
  throw new Error('Firefox was not found and could not be installed: install it, or set LINNET_FIREFOX to its path.');
}

/** Starts Firefox. What its pages complain of is added to the list. */
export async function launchFirefox(complaints: string[]): Promise<Firefox> {
  const driver = onHardware ? '' : lavapipe();
  const browser = await launch({
    browser: 'firefox',
    executablePath: installFirefox(),
    // A test has its own time limit.
    protocolTimeout: 0,
    env: { ...process.env, ...(driver && { VK_ICD_FILENAMES: driver }) },
    extraPrefsFirefox: preferences,
  });
  const crashed = () => complaints.push('the browser crashed');
  browser.on('disconnected', crashed);
  return {
    version: await browser.version(),
    close() {
      browser.off('disconnected', crashed);
      return browser.close();
    },
    async newPage() {
      const page = await browser.newPage();
      listen(page, complaints);
      return page;
    },
  };
}

const preferences = {
  'dom.webgpu.enabled': true,
  'gfx.webgpu.ignore-blocklist': true,
  // A camera that shows a test picture, without a question.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // Nothing but this machine can be reached: all else goes to a port where nobody listens.
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
};

/** Mesa's software adapter, the same on every machine: its description, or several for several architectures. */
function lavapipe(): string {
  const folder = '/usr/share/vulkan/icd.d';
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('lvp_icd.')) : [];
  return files.map((name) => join(folder, name)).join(delimiter);
}

function usualPlaces(): string[] {
  if (process.platform === 'darwin') return ['/Applications/Firefox.app/Contents/MacOS/firefox'];
  const { PROGRAMFILES } = process.env;
  return PROGRAMFILES ? [join(PROGRAMFILES, 'Mozilla Firefox', 'firefox.exe')] : [];
}

/** In the words of Chromium, so that a spec can expect a complaint in either browser. */
function listen(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    const type = message.type();
    if (type === 'warn') complaints.push(`warning: ${message.text()}`);
    if (type === 'error') complaints.push(`error: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${String(error).replace(/^(\w*Error: )+/, '')}`));
  const failed = (why: string, url: string) => complaints.push(`error: Failed to load resource: ${why} ${url}`);
  page.on('response', (response) => {
    const status = `${response.status()} (${response.statusText()})`;
    if (response.status() >= 400) failed(`the server responded with a status of ${status}`, response.url());
  });
  page.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? 'unknown';
    if (why !== 'NS_BINDING_ABORTED') failed(why, request.url());
  });
}
