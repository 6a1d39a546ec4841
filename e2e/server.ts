// A small static server for the tests: folders and single texts under a path, with the headers that a test asks for.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

export interface Site {
  /** Path prefix, ending in a slash, to a folder. The longest prefix wins. */
  folders?: Record<string, string>;
  /** Path to an HTML text. */
  pages?: Record<string, string>;
  headers?: Record<string, string>;
}

export interface Server {
  /** Ends in a slash. */
  url: string;
  close(): void;
}

const types: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain',
  '.webmanifest': 'application/manifest+json',
};

export async function serve({ folders = {}, pages = {}, headers = {} }: Site): Promise<Server> {
  const prefixes = Object.keys(folders).sort((a, b) => b.length - a.length);

  const find = (path: string): { body: string | Buffer; type: string } | undefined => {
    const page = pages[path];
    if (page !== undefined) return { body: page, type: 'text/html' };
    // Browsers ask for it unasked; without an answer the console shows an error that no page has caused.
    if (path === '/favicon.ico') return { body: '', type: 'image/x-icon' };
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    if (prefix === undefined) return undefined;
    const file = join(folders[prefix]!, path.slice(prefix.length) || 'index.html');
    if (!existsSync(file) || !statSync(file).isFile()) return undefined;
    return { body: readFileSync(file), type: types[extname(file)] ?? 'application/octet-stream' };
  };

  return listen((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    const found = find(path);
    if (!found) {
      response.writeHead(404).end();
      return;
    }
    const length = Buffer.byteLength(found.body);
    response.writeHead(200, {
      'content-type': found.type,
      'content-length': length,
      'cache-control': 'no-store',
      ...headers,
    });
    response.end(request.method === 'HEAD' ? undefined : found.body);
  });
}

/** A server that answers as `answer` does. */
export async function listen(answer: RequestListener): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
