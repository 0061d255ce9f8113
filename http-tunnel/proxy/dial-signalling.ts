/** WebSockets to zone-controllers for somebody whose own the network does not let through: the best one first, then the next. */
import { WebSocket } from 'ws';
import { addressKey } from '../../common/client-address.ts';
import type { AttemptTimes } from './attempt.ts';
import type { Controller, Controllers } from './controllers.ts';

const SIGNALLING_PATH = '/v1/signalling';
/** Above what clients and controllers say (an SDP), below what would hurt. */
const MAX_MESSAGE_BYTES = 1024 * 1024;
/** What `ws` says of an answer that opens no WebSocket. */
const REFUSED = /^Unexpected server response: (\d+)$/;

export interface SignallingClient {
  readonly address: string;
  /** Of the page; undefined for what is no browser. */
  readonly origin: string | undefined;
}

/**
 * Each call opens a socket to the next controller, for when the one before did not open. Undefined when all were tried, one has refused the
 * client (it would be the same at another), or `answerMs` are over since the first call; `connectMs` are for one of them.
 */
export function dialSignalling(
  controllers: Controllers,
  client: SignallingClient,
  { connectMs, answerMs }: AttemptTimes,
): () => WebSocket | undefined {
  const left = controllers.forUpgrade(addressKey(client.address));
  const endMs = performance.now() + answerMs;
  let isRefused = false;
  return () => {
    const leftMs = endMs - performance.now();
    const controller = isRefused || leftMs <= 0 ? undefined : left.shift();
    if (controller === undefined) return undefined;
    const socket = openSocket(controller, client, Math.min(connectMs, leftMs));
    let isOpen = false;
    controller.active++;
    socket.on('open', () => {
      isOpen = true;
    });
    socket.on('error', ({ message }) => {
      if (isOpen) return;
      const [, status] = REFUSED.exec(message) ?? [];
      // One that is about to stop, or is full, says 503: another may not be.
      isRefused = status !== undefined && status !== '503';
      if (status === undefined) controller.isWell = false;
    });
    socket.on('close', () => controller.active--);
    return socket;
  };
}

function openSocket(
  { url: base, caPem }: Controller,
  { address, origin }: SignallingClient,
  openMs: number,
): WebSocket {
  const url = new URL(SIGNALLING_PATH, base);
  url.protocol = url.protocol.replace('http', 'ws');
  return new WebSocket(url, {
    handshakeTimeout: openMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    headers: {
      'X-Forwarded-For': address,
      'X-Forwarded-Proto': 'https',
      ...(origin === undefined ? {} : { Origin: origin }),
    },
    ...(caPem === undefined ? {} : { ca: caPem }),
  });
}
