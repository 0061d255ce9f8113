/** What every request passes before anybody answers it: those that could be read in two ways come no further. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProxyCounters } from './proxy-counters.ts';
import { refuse, refuseUpgrade, statusOfRefusal } from './refusal.ts';
import { type HeadRefusal, type RequestHead, readHead } from './request-head.ts';

export class FrontDoor {
  readonly #counters: ProxyCounters;
  /** Connections on which something was refused: requests that were sent behind it may be parts of it. */
  readonly #distrusted = new WeakSet<Duplex>();

  constructor(counters: ProxyCounters) {
    this.#counters = counters;
  }

  /** What the request is for; undefined: it has been answered, or is not to be. */
  admit(request: IncomingMessage, response: ServerResponse): RequestHead | undefined {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (this.#distrusted.has(request.socket)) return undefined;
    const head = headOf(request);
    if (typeof head !== 'string') return read(request, head);
    // On HTTP/2 nobody can mistake one request for another.
    if (request.httpVersionMajor < 2) this.#distrusted.add(request.socket);
    this.#counters.refused[head]++;
    refuse(request, response, head);
    return undefined;
  }

  /** The same where a WebSocket is asked for. */
  admitUpgrade(request: IncomingMessage, socket: Duplex): RequestHead | undefined {
    if (this.#distrusted.has(socket)) return void socket.destroy();
    const head = upgradeHeadOf(request);
    if (typeof head !== 'string') return read(request, head);
    this.#counters.refused[head]++;
    refuseUpgrade(socket, statusOfRefusal(head));
    return undefined;
  }
}

/** Whoever answers it reads the same as we. */
function read(request: IncomingMessage, head: RequestHead): RequestHead {
  request.url = head.path;
  return head;
}

/** RFC 6455 section 4.1: GET. What follows is the WebSocket's; readers differ about a body before it. */
function upgradeHeadOf(request: IncomingMessage): RequestHead | HeadRefusal {
  const head = headOf(request);
  if (typeof head === 'string') return head;
  const { 'content-length': length = '0', 'transfer-encoding': coding } = request.headers;
  if (head.method !== 'GET') return 'method';
  return Number(length) > 0 || coding !== undefined ? 'framing' : head;
}

function headOf({
  method = '',
  url = '',
  headers,
  rawHeaders,
  httpVersionMajor,
}: IncomingMessage): RequestHead | HeadRefusal {
  // RFC 9112 section 3.2; Node takes the first one.
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  return hosts > 1 ? 'host' : readHead(method, url, headers, httpVersionMajor === 2);
}
