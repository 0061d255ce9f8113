/** Test support: the client's side of the three carriers, over Node's own fetch and `ws`. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import {
  type HttpCarrier,
  type HttpRefusal,
  type SessionKey,
  type SessionWord,
  TUNNEL_NUMBER,
  TUNNEL_PATH,
  TunnelChannel,
} from '../../../proto/tunnel.ts';
import type { CarrierKind } from '../media-counters.ts';
import { writeRecords } from '../session/records.ts';

export interface TestCarrier {
  /** Whole records. */
  send(message: Buffer): void;
  /** Of a WebSocket only. */
  setReading(isReading: boolean): void;
  /** Cuts it off, as a network does. */
  cut(): void;
}

export interface CarrierEvents {
  /** Bytes as they come: records may be split between two calls. */
  handleBytes(bytes: Buffer): void;
  handleClosed(code: number): void;
}

export interface Resumption {
  readonly key: SessionKey;
  readonly received: number;
}

/** What is known once a carrier is there: of a WebSocket, its first record tells the rest. */
export interface Opened {
  readonly carrier: TestCarrier;
  readonly key?: SessionKey;
}

export function openCarrier(
  kind: CarrierKind,
  origin: string,
  ticket: string | undefined,
  resumption: Resumption | undefined,
  events: CarrierEvents,
): Promise<Opened> {
  const open = kind === 'webSocket' ? openWebSocket : openHttp;
  return open(kind, origin, ticket, resumption, events);
}

export function wordRecord(word: SessionWord): Buffer {
  return writeRecords([{ channel: TunnelChannel.session, payload: Buffer.from(JSON.stringify(word)) }]);
}

const openWebSocket: typeof openCarrier = async (_kind, origin, ticket, resumption, events) => {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${TUNNEL_PATH}`, { perMessageDeflate: false });
  socket.on('message', (data) => events.handleBytes(data as Buffer));
  socket.on('close', (code) => events.handleClosed(code));
  await once(socket, 'open');
  socket.send(
    wordRecord(
      resumption === undefined
        ? { type: 'open', ...(ticket === undefined ? {} : { ticket }) }
        : { type: 'resume', received: resumption.received, ...resumption.key },
    ),
  );
  return {
    carrier: {
      send: (message) => socket.send(message),
      setReading: (isReading) => (isReading ? socket.resume() : socket.pause()),
      cut: () => socket.terminate(),
    },
  };
};

export class RefusedError extends Error {
  readonly status: number;
  readonly refusal: HttpRefusal;

  constructor(status: number, refusal: HttpRefusal) {
    super(`${status} ${refusal.code}`);
    this.status = status;
    this.refusal = refusal;
  }
}

/** @throws RefusedError */
export async function request(
  url: string,
  init: RequestInit & { secret?: string; number?: number },
): Promise<Response> {
  const { secret, number, ...rest } = init;
  const headers = {
    ...(init.headers as Record<string, string> | undefined),
    ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
    ...(number === undefined ? {} : { [TUNNEL_NUMBER]: String(number) }),
  };
  const response = await fetch(url, { ...rest, headers });
  if (!response.ok) throw new RefusedError(response.status, (await response.json()) as HttpRefusal);
  return response;
}

/** None is longer than a record: they fit into a body. */
const MESSAGES_AT_ONCE = 3;

const openHttp: typeof openCarrier = async (kind, origin, ticket, resumption, events) => {
  const sessions = `${origin}${TUNNEL_PATH}/sessions`;
  const cut = new AbortController();
  const { signal } = cut;
  const opening =
    resumption === undefined
      ? await request(sessions, { method: 'POST', body: JSON.stringify({ ticket }) })
      : await request(`${sessions}/${resumption.key.session}/carriers`, {
          method: 'POST',
          body: JSON.stringify({ received: resumption.received }),
          secret: resumption.key.secret,
        });
  const opened = (await opening.json()) as HttpCarrier & Partial<SessionKey>;
  const { session = '', secret = '' } = resumption?.key ?? opened;
  const key = { session, secret };
  const base = `${sessions}/${session}/carriers/${opened.carrier}`;
  let uploads = 0;
  const waiting: Buffer[] = [];
  let isUploading = false;
  // One at a time, with what has come meanwhile.
  const upload = async () => {
    isUploading = true;
    while (waiting.length > 0) {
      const messages = waiting.splice(0, MESSAGES_AT_ONCE);
      const body = new Uint8Array(Buffer.concat(messages));
      await request(`${base}/upload`, { method: 'POST', body, secret, number: ++uploads, signal });
    }
    isUploading = false;
  };
  const ended = () => events.handleClosed(0);
  const down = kind === 'httpStream' ? stream : poll;
  void down(base, secret, signal, events).then(ended, ended);
  return {
    key,
    carrier: {
      send: (message) => {
        waiting.push(message);
        // Refused, or cut off: the way down tells.
        if (!isUploading) upload().catch(() => undefined);
      },
      setReading: () => {
        throw new Error('only WebSockets stall here');
      },
      cut: () => cut.abort(),
    },
  };
};

async function stream(base: string, secret: string, signal: AbortSignal, events: CarrierEvents): Promise<void> {
  const { body } = await request(`${base}/stream`, { secret, signal });
  if (body !== null) for await (const chunk of body) events.handleBytes(Buffer.from(chunk));
}

async function poll(base: string, secret: string, signal: AbortSignal, events: CarrierEvents): Promise<void> {
  for (let number = 1; ; number++) {
    const answer = await request(`${base}/poll`, { secret, number, signal });
    events.handleBytes(Buffer.from(await answer.arrayBuffer()));
  }
}
