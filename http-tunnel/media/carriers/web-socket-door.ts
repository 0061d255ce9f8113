/** Takes WebSockets in: the first message says whose session it is. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocket, WebSocketServer } from 'ws';
import { addressKey } from '../../../common/client-address.ts';
import { MAX_MESSAGE_BYTES, type SessionWord, TunnelChannel, type TunnelClose } from '../../../proto/tunnel.ts';
import { Quota } from '../../turn/core/quotas.ts';
import type { MediaCounters, SessionRefusal } from '../media-counters.ts';
import type { TunnelClient } from '../media-options.ts';
import { readWord } from '../session/control-words.ts';
import { readRecords } from '../session/records.ts';
import type { SessionTable } from '../session/session-table.ts';
import type { TunnelSession } from '../session/tunnel-session.ts';
import { closeSocket, WebSocketCarrier } from './web-socket-carrier.ts';

/** Of a message in frames: a client of ours uses one. */
const MAX_FRAGMENTS = 16;
/** Of a message in TCP segments, each with its own bookkeeping: 256 KiB in 1400 bytes each are 188. */
const MAX_BUFFERED_CHUNKS = 4_096;

// maxBufferedChunks is missing from the types of ws.
const WEB_SOCKET_OPTIONS: ServerOptions & { readonly maxBufferedChunks: number } = {
  noServer: true,
  perMessageDeflate: false,
  clientTracking: true,
  // A carrier answers pings itself, within its session's rate.
  autoPong: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_BUFFERED_CHUNKS,
};

/** How a WebSocket is told that it gets no session. */
export const CLOSE_OF_REFUSAL: Readonly<Record<SessionRefusal, keyof typeof TunnelClose>> = {
  badOrigin: 'badTicket',
  badTicket: 'badTicket',
  unknownSession: 'unknownSession',
  tooManySessions: 'tooMany',
  tooManyOfAddress: 'tooMany',
  tooOftenOfAddress: 'tooMany',
  tooManyOfHolder: 'tooMany',
  draining: 'draining',
  badRequest: 'misbehaved',
  tooLarge: 'misbehaved',
  tooSlow: 'misbehaved',
  carrierOver: 'unknownSession',
};

export class WebSocketDoor {
  readonly #table: SessionTable;
  readonly #counters: MediaCounters;
  readonly #server = new WebSocketServer(WEB_SOCKET_OPTIONS);
  readonly #silentOfAddress: Quota;
  readonly #firstMessageMs: number;

  /** `silentPerAddress`: sockets that have said nothing yet; `firstMessageMs`: how long each may. */
  constructor(table: SessionTable, counters: MediaCounters, silentPerAddress: number, firstMessageMs: number) {
    this.#table = table;
    this.#counters = counters;
    this.#silentOfAddress = new Quota(silentPerAddress);
    this.#firstMessageMs = firstMessageMs;
  }

  accept(request: IncomingMessage, stream: Duplex, head: Buffer, client: TunnelClient): void {
    this.#server.handleUpgrade(request, stream, head, (socket) => this.#greet(socket, client));
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #greet(socket: WebSocket, client: TunnelClient): void {
    // `close` follows.
    socket.on('error', () => {});
    const group = addressKey(client.address);
    if (this.#silentOfAddress.isUsedUp(group)) {
      this.#refuse(socket, 'tooManyOfAddress');
      return;
    }
    this.#silentOfAddress.take(group);
    const timer = setTimeout(() => this.#refuse(socket, 'tooSlow'), this.#firstMessageMs);
    let isSilent = true;
    const heard = () => {
      clearTimeout(timer);
      if (isSilent) this.#silentOfAddress.give(group);
      isSilent = false;
    };
    socket.once('close', heard);
    socket.once('message', (data) => {
      heard();
      if (socket.readyState !== WebSocket.OPEN) return;
      // Nothing more is read before it is known whose it is.
      socket.pause();
      void this.#seat(socket, client, data as Buffer).then((refusal) => {
        socket.resume();
        if (refusal !== undefined) this.#refuse(socket, refusal);
      });
    });
  }

  async #seat(socket: WebSocket, client: TunnelClient, first: Buffer): Promise<SessionRefusal | undefined> {
    const word = readFirst(first);
    if (word === undefined || word.type === 'received') return 'badRequest';
    const carrier = new WebSocketCarrier(socket);
    if (word.type === 'open') {
      const session = await this.#table.open(client, word.ticket);
      if (typeof session === 'string') return session;
      this.#serve(carrier, session, 0, { type: 'opened', ...session.key });
      return undefined;
    }
    const session = this.#table.find(word);
    if (session === undefined) return 'unknownSession';
    this.#serve(carrier, session, word.received, { type: 'resumed', received: session.received });
    return undefined;
  }

  #serve(carrier: WebSocketCarrier, session: TunnelSession, received: number, word: SessionWord): void {
    if (!session.attach(carrier, received, word)) return;
    this.#counters.carriers.webSocket++;
    carrier.serve(session);
  }

  #refuse(socket: WebSocket, why: SessionRefusal): void {
    this.#counters.refusals[why]++;
    closeSocket(socket, CLOSE_OF_REFUSAL[why], why);
  }
}

/** Exactly one record, of the session channel. */
function readFirst(message: Buffer): ReturnType<typeof readWord> {
  let text: string | undefined;
  let count = 0;
  const isWhole = readRecords(message, (channel, payload) => {
    count++;
    if (channel === TunnelChannel.session) text = payload.toString();
    return true;
  });
  return isWhole && count === 1 && text !== undefined ? readWord(text) : undefined;
}
