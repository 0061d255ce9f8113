/** WebSockets of a page and of the tunnel over a simulated TCP connection. */
import { EventEmitter } from 'node:events';
import { connectTcp, sealedBytes, type TcpPaths } from '../tcp/tcp-connection.ts';
import type { TcpEnd } from '../tcp/tcp-end.ts';
import type { World } from '../world.ts';

/** Request and answer of the upgrade, with the headers that a browser sends. */
const REQUEST_BYTES = 600;
const ANSWER_BYTES = 160;
const MASK_BYTES = 4;
const ABNORMAL = 1006;

/** RFC 6455 section 5.2. */
function framedBytes(payloadBytes: number): number {
  return payloadBytes + (payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10);
}

/** What the tunnel's carrier uses of a socket of `ws`. */
export class ServerSocket extends EventEmitter<{ message: [Buffer, boolean]; close: [number] }> {
  readyState: number = 1;
  readonly #end: TcpEnd;
  readonly #handleMessage: (message: Buffer) => void;
  readonly #handleClose: (code: number) => void;

  constructor(end: TcpEnd, handleMessage: (message: Buffer) => void, handleClose: (code: number) => void) {
    super();
    this.#end = end;
    this.#handleMessage = handleMessage;
    this.#handleClose = handleClose;
    end.onClosed = () => this.#close();
  }

  send(message: Buffer, _options: unknown, taken: () => void): void {
    const bytes = sealedBytes(framedBytes(message.length));
    this.#end.write(bytes, () => this.#handleMessage(message), taken);
  }

  close(code: number): void {
    this.#end.write(sealedBytes(framedBytes(20)), () => this.#handleClose(code));
    this.#close();
  }

  terminate(): void {
    this.#end.close();
  }

  #close(): void {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    this.emit('close', ABNORMAL);
  }
}

/** A class that is in the place of the page's `WebSocket`; `accept` gets what comes to the tunnel. */
export function webSocketClass(
  world: World,
  paths: TcpPaths,
  accept: (socket: ServerSocket) => void,
  opened: (client: TcpEnd, server: TcpEnd) => void,
): typeof WebSocket {
  class SimWebSocket extends EventTarget {
    static readonly CONNECTING = 0;
    static readonly OPEN = 1;
    static readonly CLOSING = 2;
    static readonly CLOSED = 3;
    binaryType = 'arraybuffer';
    readyState: number = SimWebSocket.CONNECTING;
    bufferedAmount = 0;
    readonly #end: TcpEnd;
    #server: ServerSocket | undefined;

    constructor() {
      super();
      const { client, server } = connectTcp(world, paths, () => this.#upgrade(server));
      this.#end = client;
      client.onClosed = () => this.#handleClose(ABNORMAL);
      opened(client, server);
    }

    send(message: Uint8Array): void {
      const copy = Buffer.from(message);
      this.bufferedAmount += copy.length;
      this.#end.write(
        sealedBytes(framedBytes(copy.length) + MASK_BYTES),
        () => this.#server?.emit('message', copy, true),
        () => {
          this.bufferedAmount -= copy.length;
        },
      );
    }

    close(): void {
      if (this.readyState === SimWebSocket.CLOSED) return;
      this.readyState = SimWebSocket.CLOSED;
      this.#end.close();
    }

    #upgrade(server: TcpEnd): void {
      this.#end.write(sealedBytes(REQUEST_BYTES), () => {
        const socket = new ServerSocket(
          server,
          (message) => this.#handleMessage(message),
          (code) => this.#handleClose(code),
        );
        this.#server = socket;
        accept(socket);
        server.write(sealedBytes(ANSWER_BYTES), () => this.#handleOpen());
      });
    }

    #handleOpen(): void {
      if (this.readyState !== SimWebSocket.CONNECTING) return;
      this.readyState = SimWebSocket.OPEN;
      this.dispatchEvent(new Event('open'));
    }

    #handleMessage(message: Buffer): void {
      if (this.readyState !== SimWebSocket.OPEN) return;
      const { buffer } = new Uint8Array(message);
      this.dispatchEvent(new MessageEvent('message', { data: buffer }));
    }

    #handleClose(code: number): void {
      if (this.readyState === SimWebSocket.CLOSED) return;
      this.readyState = SimWebSocket.CLOSED;
      this.#end.close();
      this.dispatchEvent(Object.assign(new Event('close'), { code }));
    }
  }
  // What a carrier uses of it is there.
  return SimWebSocket as unknown as typeof WebSocket;
}
