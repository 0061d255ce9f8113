/** The way to one media address of a router: a UDP socket that is connected there, so that the kernel keeps everybody else out. */
import { createSocket, type Socket } from 'node:dgram';
import type { RemoteAddress } from '../../../mmr/media/remote-address.ts';
import { formatIp } from '../../turn/core/ip-address.ts';

/** A key frame comes in one burst. The kernel gives at most what net.core.rmem_max allows. */
const RECEIVE_BUFFER_BYTES = 1 << 20;

export class LegPath {
  readonly address: RemoteAddress;
  /** Whether what is sent leaves. */
  isOpen = false;
  readonly #socket: Socket;

  /** `opened` once datagrams can be sent; `handle` gets each that comes from the address. */
  constructor(address: RemoteAddress, opened: () => void, handle: (path: LegPath, datagram: Buffer) => void) {
    this.address = address;
    this.#socket = createSocket({
      type: address.family === 4 ? 'udp4' : 'udp6',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
    });
    // A port that is closed answers by ICMP, which is an error of the socket: whether the path is there is told by its checks.
    this.#socket.on('error', () => {});
    this.#socket.on('message', (datagram) => handle(this, datagram));
    this.#socket.connect(address.port, formatIp(address.bytes), (error?: Error) => {
      if (error !== undefined) return;
      this.isOpen = true;
      opened();
    });
  }

  /** `datagram` must not be changed afterwards. What cannot be sent is lost, as on any network. */
  send(datagram: Uint8Array): void {
    if (this.isOpen) this.#socket.send(datagram, ignore);
  }

  close(): void {
    this.isOpen = false;
    this.#socket.close();
  }
}

function ignore(): void {}
