/** A session by a WebSocket: each message holds whole records. */
import { TUNNEL_PATH } from '../../../proto/tunnel.ts';
import { writeWord } from './records.ts';
import { type CarrierOwner, type Opening, refusalOf, type SessionCarrier } from './session-carrier.ts';

export class WebSocketCarrier implements SessionCarrier {
  readonly #socket: WebSocket;
  #isOver = false;

  constructor({ url, ticket, resume }: Opening, owner: CarrierOwner) {
    this.#socket = new WebSocket(new URL(TUNNEL_PATH, url.replace(/^http/, 'ws')));
    this.#socket.binaryType = 'arraybuffer';
    const first =
      resume === undefined
        ? writeWord({ type: 'open', ...(ticket === undefined ? {} : { ticket }) })
        : writeWord({ type: 'resume', received: resume.received, ...resume.key });
    this.#socket.addEventListener('open', () => this.send(first));
    this.#socket.addEventListener('message', ({ data }) => {
      if (!this.#isOver && data instanceof ArrayBuffer) owner.handleBytes(new Uint8Array(data));
    });
    this.#socket.addEventListener('close', ({ code }) => {
      if (this.#isOver) return;
      this.#isOver = true;
      owner.handleLost(refusalOf(code) ?? { reason: `the WebSocket was closed (${code})`, isFinal: false });
    });
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.close();
  }
}
