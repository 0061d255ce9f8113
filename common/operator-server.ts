/**
 * The operators' listener of a daemon: plain HTTP for probes and metrics, apart from everything that clients reach.
 * `/livez`: is the process worth keeping. `/readyz`: should it get new work. `/metrics`: its numbers.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZonecastError } from './errors.ts';

/** Probes are few: who holds more connections than this is not one. */
const MAX_CONNECTIONS = 32;
const MAX_HEADER_BYTES = 8 * 1024;
/** For a request to arrive, and for its answer to be read. */
const REQUEST_MS = 5_000;
const CHECK_INTERVAL_MS = 500;
/** Text format of Prometheus. */
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface OperatorServerOptions {
  /** host:port; port 0 = any. */
  readonly listen: string;
  /** What is wrong with the process; empty when it is live. Must not reject. */
  readonly livenessProblems: () => Promise<readonly string[]>;
  /** Why it should get no new work; empty when it is ready. */
  readonly readinessProblems: () => readonly string[];
  /** The text of `/metrics`, which does not exist without it. */
  readonly metrics?: (() => Promise<string>) | undefined;
}

export class OperatorServer {
  readonly #options: OperatorServerOptions;
  readonly #server: Server;

  constructor(options: OperatorServerOptions) {
    this.#options = options;
    const times = { headersTimeout: REQUEST_MS, requestTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS };
    this.#server = createServer(
      { ...times, connectionsCheckingInterval: CHECK_INTERVAL_MS, maxHeaderSize: MAX_HEADER_BYTES },
      (request, response) => void this.#handle(request, response),
    );
    this.#server.maxConnections = MAX_CONNECTIONS;
    // Ends also who asks and does not read.
    this.#server.setTimeout(2 * REQUEST_MS);
  }

  /** Resolves with the port. Rejects with ZonecastError `portTaken` or `badConfig`. */
  start(): Promise<number> {
    const { listen } = this.#options;
    const colon = listen.lastIndexOf(':');
    const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        const taken = error.code === 'EADDRINUSE';
        const message = taken
          ? `TCP port of ${listen} (admin.listen) is in use`
          : `cannot listen at ${listen} (admin.listen): ${error.message}`;
        reject(new ZonecastError(taken ? 'portTaken' : 'badConfig', message, { cause: error }));
      });
      // The cast: a server that listens on TCP has an AddressInfo.
      this.#server.listen({ host, port: Number(listen.slice(colon + 1)) }, () =>
        resolve((this.#server.address() as AddressInfo).port),
      );
    });
  }

  /** Cuts every connection. Safe at any time. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Of a request with a body, nothing after it can be trusted to be another.
    if (request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined) {
      response.setHeader('Connection', 'close');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, 'text/plain; charset=utf-8', 'Method not allowed.\n');
    }
    const { livenessProblems, readinessProblems, metrics } = this.#options;
    const [path] = (request.url ?? '').split('?', 1);
    if (path === '/livez') return sendProblems(response, 'live', await livenessProblems());
    if (path === '/readyz') return sendProblems(response, 'ready', readinessProblems());
    if (path === '/metrics' && metrics !== undefined) return sendMetrics(response, metrics);
    send(response, 404, 'text/plain; charset=utf-8', 'Not found. There are /livez, /readyz and /metrics.\n');
  }
}

function sendProblems(response: ServerResponse, name: 'live' | 'ready', problems: readonly string[]): void {
  const isWell = problems.length === 0;
  const body = `${JSON.stringify({ [name]: isWell, problems })}\n`;
  send(response, isWell ? 200 : 503, 'application/json; charset=utf-8', body);
}

async function sendMetrics(response: ServerResponse, metrics: () => Promise<string>): Promise<void> {
  try {
    send(response, 200, METRICS_TYPE, await metrics());
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    send(response, 500, 'text/plain; charset=utf-8', `The metrics could not be collected: ${message}\n`);
  }
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(text),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(response.req.method === 'HEAD' ? undefined : text);
}
