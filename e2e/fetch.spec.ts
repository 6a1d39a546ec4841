// What the network does to cards and weights, told apart from what files hold; and sources that another frame has made.
import type { RequestListener } from 'node:http';
import { safetensorsFile } from '../tests/safetensors-file.ts';
import { listen, type Server } from './server.ts';
import { expect, test } from './test.ts';

const file = safetensorsFile({ a: { dtype: 'F32', shape: [1000], data: new Float32Array(1000) } });

/** Another origin. What it sends of the file is more than its header. */
const answer: RequestListener = (request, response) => {
  if (request.url !== '/closed') response.setHeader('access-control-allow-origin', '*');
  response.setHeader('cache-control', 'no-store');
  const begin = () => response.writeHead(200, { 'content-length': file.length }).write(file.subarray(0, 2000));
  if (request.url === '/stalls') begin();
  else if (request.url === '/breaks') {
    begin();
    setTimeout(() => response.destroy(), 100);
  } else if (request.url === '/ends') response.end(file.subarray(0, 2000));
  else if (request.url === '/never') return;
  else if (request.url === '/gone') response.writeHead(410).end('no');
  else if (request.url === '/login') response.writeHead(302, { location: '/page' }).end();
  else if (request.url === '/page') response.end('<!doctype html><title>Log in</title>');
  else response.end(file);
};
let server: Server;
const at = (path: string) => new URL(path, server.url).href;

test.beforeAll(async () => {
  server = await listen(answer);
});
test.afterAll(() => server.close());

/** Three loads, and one ending for all. */
const thrice = (ending: unknown) => ({ card: ending, held: ending, flowing: ending });

/** What a browser writes to the console of a request that failed. */
function expectFailedRequests(complaints: string[]): void {
  for (const complaint of complaints.splice(0)) expect(complaint).toMatch(/Failed to load resource|CORS|Cross-Origin/);
}

test('a missing file, here and on another origin', async ({ run, complaints }) => {
  expect(await run('loadFrom', { address: '/nowhere/model.safetensors' })).toEqual(
    thrice('FetchError (404): The server answers with status 404: there is no such file.'),
  );
  expect(await run('loadFrom', { address: at('/gone') })).toEqual(
    thrice('FetchError (410): The server answers with status 410.'),
  );
  expectFailedRequests(complaints);
});

test('a server that does not allow this origin, or that is not there; or a browser that is offline', async ({
  run,
  complaints,
}) => {
  const unreachable = thrice(
    expect.stringMatching(/^FetchError: The file cannot be fetched \(.+\): its server cannot be reached, or lacks /),
  );
  expect(await run('loadFrom', { address: at('/closed') })).toEqual(unreachable);
  const nobody = 'http://127.0.0.1:9/model.safetensors';
  expect(await run('loadFrom', { address: nobody })).toEqual(unreachable);
  expect(await run('loadFrom', { address: nobody, online: false })).toEqual(
    thrice(expect.stringMatching(/^FetchError: The file cannot be fetched \(the browser is offline\): /)),
  );
  expectFailedRequests(complaints);
});

test('a server that stalls', async ({ run }) => {
  const stalled = (bytes: number) => thrice(`FetchError: The server sends nothing for 0.5 s, after ${bytes} bytes.`);
  expect(await run('loadFrom', { address: at('/never'), stallTimeout: 500 })).toEqual(stalled(0));
  expect(await run('loadFrom', { address: at('/stalls'), stallTimeout: 500 })).toEqual(stalled(2000));
});

test('a connection that breaks, and a file that is cut short', async ({ run, complaints }) => {
  const broken = thrice(expect.stringMatching(/^FetchError: The connection breaks after 2000 bytes \(.+\)\.$/));
  expect(await run('loadFrom', { address: at('/breaks') })).toEqual(broken);
  expectFailedRequests(complaints);
  const short = "WeightsError: The file ends after 2000 bytes, inside tensor 'a'.";
  expect(await run('loadFrom', { address: at('/ends') })).toEqual({
    card: expect.stringMatching(/^CardError: The card is not JSON: /),
    held: short,
    flowing: short,
  });
});

test('a page to log in instead of the file', async ({ run }) => {
  const page = 'WeightsError: This is not a safetensors file but a web page: open it in a browser.';
  expect(await run('loadFrom', { address: at('/login') })).toEqual({
    card: 'CardError: The server answers with a web page (HTML) instead of the file.',
    held: page,
    flowing: page,
  });
});

test('sources that another frame has made', async ({ run }) => {
  const numbers = '1,2,3,4';
  expect(await run('loadFromAnotherFrame')).toEqual({
    ArrayBuffer: numbers,
    Uint8Array: numbers,
    Blob: numbers,
    File: numbers,
    Response: numbers,
    URL: numbers,
    Float32Array: '1,2',
    halves: `0.5,-2,${2 ** -24}`,
  });
});
