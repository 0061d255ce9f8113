/** HTTP/2 of a page to the tunnel: all requests and answers on one simulated TCP connection, each a stream of its own. */
import { EventEmitter } from 'node:events';
import type { Request, Response as ServerResponse } from '../../../http-tunnel/media/carriers/http-exchange.ts';
import { connectTcp, sealedBytes, type TcpConnection, type TcpPaths } from '../tcp/tcp-connection.ts';
import type { TcpEnd } from '../tcp/tcp-end.ts';
import type { World } from '../world.ts';

/** HPACK makes the headers of the second request of a kind short. */
const REQUEST_BYTES = 120;
const ANSWER_BYTES = 60;
const FRAME_BYTES = 9;
const RESET_BYTES = 13;

export type Serve = (request: Request, response: ServerResponse, path: string) => void;

/** A page's `fetch`, as far as the carriers use it. */
export class SimHttp {
  readonly #world: World;
  readonly #paths: TcpPaths;
  readonly #serve: Serve;
  readonly #opened: (client: TcpEnd, server: TcpEnd) => void;
  #connection: TcpConnection | undefined;
  #waiting: (() => void)[] | undefined;

  constructor(world: World, paths: TcpPaths, serve: Serve, opened: (client: TcpEnd, server: TcpEnd) => void) {
    this.#world = world;
    this.#paths = paths;
    this.#serve = serve;
    this.#opened = opened;
  }

  readonly fetch: typeof fetch = (input, init = {}) =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(String(input), init, this.#serve);
      exchange.onAnswer = resolve;
      exchange.onFailed = reject;
      this.#whenConnected((connection) => exchange.start(connection));
    });

  #whenConnected(action: (connection: TcpConnection) => void): void {
    let connection = this.#connection;
    if (connection === undefined) {
      this.#waiting = [];
      connection = connectTcp(this.#world, this.#paths, () => {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        for (const each of waiting ?? []) each();
      });
      this.#connection = connection;
      this.#opened(connection.client, connection.server);
    }
    const ready = connection;
    if (this.#waiting === undefined) action(ready);
    else this.#waiting.push(() => action(ready));
  }
}

interface Part {
  readonly value: Uint8Array | undefined;
}

/** One request and its answer, seen from both sides. */
class Exchange {
  onAnswer: ((response: Response) => void) | undefined;
  onFailed: ((error: Error) => void) | undefined;
  readonly #url: URL;
  readonly #init: RequestInit;
  readonly #serve: Serve;
  readonly #parts: (Uint8Array | 'end')[] = [];
  #reading: ((part: Part) => void) | undefined;
  #refusing: ((error: Error) => void) | undefined;
  #isAborted = false;

  constructor(url: string, init: RequestInit, serve: Serve) {
    this.#url = new URL(url);
    this.#init = init;
    this.#serve = serve;
  }

  start({ client, server }: TcpConnection): void {
    const { signal, body } = this.#init;
    const bytes = body === undefined || body === null ? Buffer.alloc(0) : Buffer.from(body as Uint8Array);
    const closed = new EventEmitter();
    signal?.addEventListener('abort', () => this.#abort(client, closed));
    if (signal?.aborted === true) {
      this.#abort(client, closed);
      return;
    }
    const size = REQUEST_BYTES + FRAME_BYTES + (bytes.length === 0 ? 0 : FRAME_BYTES + bytes.length);
    client.write(sealedBytes(size), () => this.#handleRequest(server, bytes, closed));
  }

  /** At the tunnel. */
  #handleRequest(end: TcpEnd, body: Buffer, closed: EventEmitter): void {
    const headers = Object.fromEntries(
      Object.entries(this.#init.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    const { pathname } = this.#url;
    const { method = 'GET' } = this.#init;
    const about = { method, url: pathname, headers, complete: true, httpVersionMajor: 2, pause: () => undefined };
    const request = Object.assign(new EventEmitter(), about);
    const response = new Answer(end, closed, {
      begin: (status) => this.onAnswer?.(this.#response(status)),
      part: (part) => this.#handlePart(part),
    });
    // The routes use no more of a request.
    this.#serve(request as unknown as Request, response, pathname);
    if (body.length > 0) request.emit('data', body);
    request.emit('end');
  }

  /** At the page. */
  #response(status: number): Response {
    const read = (): Promise<Part> =>
      new Promise((resolve, reject) => {
        if (this.#isAborted) reject(aborted());
        this.#reading = resolve;
        this.#refusing = reject;
        this.#give();
      });
    const whole = async (): Promise<Buffer> => {
      const parts: Uint8Array[] = [];
      for (let part = await read(); part.value !== undefined; part = await read()) parts.push(part.value);
      return Buffer.concat(parts);
    };
    const response = {
      ok: status >= 200 && status < 300,
      status,
      body: { getReader: () => ({ read }) },
      arrayBuffer: async () => new Uint8Array(await whole()).buffer,
      json: async () => JSON.parse((await whole()).toString()) as unknown,
    };
    // The carriers use no more of a response.
    return response as unknown as Response;
  }

  #handlePart(part: Uint8Array | 'end'): void {
    if (this.#isAborted) return;
    this.#parts.push(part);
    this.#give();
  }

  #give(): void {
    const reading = this.#reading;
    const [first] = this.#parts;
    if (reading === undefined || first === undefined) return;
    this.#reading = undefined;
    // The end is said to everybody who asks.
    if (first !== 'end') this.#parts.shift();
    reading({ value: first === 'end' ? undefined : first });
  }

  #abort(client: TcpEnd, closed: EventEmitter): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    client.write(sealedBytes(RESET_BYTES), () => closed.emit('close'));
    this.onFailed?.(aborted());
    this.#refusing?.(aborted());
  }
}

function aborted(): Error {
  return new DOMException('the request was aborted', 'AbortError');
}

interface Answered {
  begin(status: number): void;
  part(part: Uint8Array | 'end'): void;
}

/** What the tunnel's routes use of a response. */
class Answer implements ServerResponse {
  headersSent = false;
  writableEnded = false;
  readonly #end: TcpEnd;
  readonly #closed: EventEmitter;
  readonly #answered: Answered;

  constructor(end: TcpEnd, closed: EventEmitter, answered: Answered) {
    this.#end = end;
    this.#closed = closed;
    this.#answered = answered;
  }

  setHeader(): void {}

  writeHead(status: number): void {
    this.headersSent = true;
    this.#end.write(sealedBytes(ANSWER_BYTES + FRAME_BYTES), () => this.#answered.begin(status));
  }

  write(chunk: Buffer, done: () => void): boolean {
    this.#end.write(sealedBytes(chunk.length + FRAME_BYTES), () => this.#answered.part(chunk), done);
    return true;
  }

  end(chunk: Buffer | string = ''): void {
    if (this.writableEnded) return;
    this.writableEnded = true;
    const bytes = Buffer.from(chunk);
    const arrive = (): void => {
      if (bytes.length > 0) this.#answered.part(bytes);
      this.#answered.part('end');
    };
    this.#end.write(sealedBytes(bytes.length + FRAME_BYTES), arrive, () => this.#closed.emit('close'));
  }

  on(event: 'close' | 'error', handle: () => void): void {
    this.#closed.on(event, handle);
  }
}
