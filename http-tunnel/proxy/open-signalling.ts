/** A WebSocket to a zone-controller for somebody whose own the network does not let through. */
import { WebSocket } from 'ws';
import { addressKey } from '../../common/client-address.ts';
import type { Controllers } from './controllers.ts';

const SIGNALLING_PATH = '/v1/signalling';
/** Above what clients and controllers say (an SDP), below what would hurt. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

export interface SignallingClient {
  readonly address: string;
  /** Of the page; undefined for what is no browser. */
  readonly origin: string | undefined;
}

/** It is connecting, and closes at once when no controller is known. `connectMs`: for it to be open. */
export function openSignalling(controllers: Controllers, client: SignallingClient, connectMs: number): WebSocket {
  const [controller] = controllers.forUpgrade(addressKey(client.address));
  // Port 0 takes nobody: whoever waits for the socket hears of it in the ordinary way.
  const url = new URL(SIGNALLING_PATH, controller?.url ?? 'http://127.0.0.1:0');
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url, {
    handshakeTimeout: connectMs,
    maxPayload: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    headers: {
      'X-Forwarded-For': client.address,
      'X-Forwarded-Proto': 'https',
      ...(client.origin === undefined ? {} : { Origin: client.origin }),
    },
    ...(controller?.caPem === undefined ? {} : { ca: controller.caPem }),
  });
  if (controller === undefined) return socket;
  controller.active++;
  let isOpen = false;
  socket.on('open', () => {
    isOpen = true;
  });
  socket.on('error', (error) => {
    // Refusing somebody, which `ws` calls an error, too, has no code.
    if (!isOpen && 'code' in error) controller.isWell = false;
  });
  socket.on('close', () => controller.active--);
  return socket;
}
