/**
 * Serves the repository's modules to a page as they are, types blanked out, for tests of parts of the client: under the same
 * rules for the page as a zone sets.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { securityHeaders } from '../../../zone-controller/http/security-headers.ts';

const ROOT = new URL('../../../', import.meta.url);
/** The only folders of which anything is given out. */
const SERVED = /^\/(client|proto|test\/e2e)\/[\w/-]+\.ts$/;
const PAGE = '<!doctype html><meta charset="utf-8"><title>Test</title><link rel="icon" href="data:,">';

export interface ModuleServer {
  readonly origin: string;
  close(): void;
}

export async function startModuleServer(): Promise<ModuleServer> {
  const server = createServer(async ({ url = '/' }, response) => {
    for (const [name, value] of Object.entries(securityHeaders({ siblings: [] }))) response.setHeader(name, value);
    if (url === '/') {
      response.setHeader('content-type', 'text/html').end(PAGE);
    } else if (SERVED.test(url)) {
      const source = await readFile(fileURLToPath(new URL(`.${url}`, ROOT)), 'utf8').catch(() => undefined);
      response.statusCode = source === undefined ? 404 : 200;
      response.setHeader('content-type', 'text/javascript').end(source && stripTypeScriptTypes(source));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => server.close() };
}
