/** The UDP socket by which a TCP connection's packets go to the worker's own port: to the engine, an address like any other. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { RecentSet } from '../../common/recent-set.ts';

/** A key frame comes in one burst. The kernel gives at most what net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 1 << 20;
/** Datagrams that the kernel would not take yet; beyond, they are dropped. */
const MAX_SEND_QUEUE_BYTES = 256 * 1024;
/** The kernel draws from thousands; one that was used a moment ago comes twice in a row by great misfortune. */
const MAX_TRIES = 8;

export interface UdpTarget {
  readonly address: string;
  readonly port: number;
}

/** Where a worker that is bound to `address` is reached from its own machine. */
export function loopbackOf(address: string): string {
  // Bound to all addresses of both families, it takes IPv4 (docs of `PacketEngine`).
  return address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address;
}

export class LoopbackSocket {
  /** Once it is open. */
  port = 0;
  readonly #target: UdpTarget;
  readonly #handle: (datagram: Buffer) => void;
  #socket: Socket;
  #isClosed = false;

  /**
   * `opened` once packets can be sent: false when there is no socket to be had. `spent`: ports that the engine may still know
   * under another connection; none of them is used.
   */
  constructor(
    target: UdpTarget,
    spent: RecentSet<number>,
    opened: (isOpen: boolean) => void,
    handle: (datagram: Buffer) => void,
  ) {
    this.#target = target;
    this.#handle = handle;
    this.#socket = this.#open(spent, opened, MAX_TRIES);
  }

  /** False: dropped. `bytes` must not be changed afterwards. */
  send(bytes: Uint8Array, offset: number, size: number): boolean {
    if (this.port === 0 || this.#socket.getSendQueueSize() > MAX_SEND_QUEUE_BYTES) return false;
    this.#socket.send(bytes, offset, size);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.port = 0;
    this.#socket.close();
  }

  #open(spent: RecentSet<number>, opened: (isOpen: boolean) => void, triesLeft: number): Socket {
    const { address, port } = this.#target;
    const socket = createSocket({
      type: isIPv6(address) ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup,
    });
    // The engine's port is closed when the worker stops; the kernel says so for each datagram.
    socket.on('error', ignore);
    // Connected, so that the kernel keeps everybody else out.
    socket.connect(port, address, (error?: Error) => {
      if (this.#isClosed) return;
      if (error !== undefined) {
        opened(false);
        return;
      }
      const own = socket.address().port;
      if (spent.has(own) && triesLeft > 0) {
        socket.close();
        this.#socket = this.#open(spent, opened, triesLeft - 1);
        return;
      }
      this.port = own;
      socket.on('message', this.#handle);
      opened(true);
    });
    return socket;
  }
}

/** An address it is already. */
function lookup(
  address: string,
  _options: unknown,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, isIPv6(address) ? 6 : 4);
}

function ignore(): void {}
