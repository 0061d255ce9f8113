/** Test support: TCP clients of a router, by hand and for media of a WebRTC client that knows nothing but UDP. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StreamFrames } from '../../common/stream-frames.ts';
import { StunAttribute } from '../media/stun/stun-message.ts';
import { BINDING_REQUEST, StunWriter } from '../media/stun/stun-writer.ts';
import { LENGTH_BYTES, tcpFrame, tcpFrameSize } from './tcp-frames.ts';

const HOST = '127.0.0.1';
const TCP_CANDIDATE = /^a=candidate:\S+ 1 tcp \d+ (\S+) (\d+) typ host tcptype passive$/m;
const ANY_CANDIDATE = /^a=candidate:.*\r\n/gm;

/** A connectivity check with an integrity that is made with `password`. */
export function connectivityCheck(ufrag: string, password = 'a-password-of-22-chars-or-more'): Uint8Array {
  const bytes = new Uint8Array(256);
  const writer = new StunWriter();
  writer.begin(bytes, 0, BINDING_REQUEST, crypto.getRandomValues(new Uint8Array(12)));
  writer.attribute(StunAttribute.username, Buffer.from(`${ufrag}:them`));
  writer.attribute(StunAttribute.priority, Buffer.of(1, 2, 3, 4));
  writer.attribute(StunAttribute.iceControlling, Buffer.alloc(8, 1));
  writer.messageIntegrity(password);
  writer.fingerprint();
  return bytes.slice(0, writer.end());
}

/** One TCP connection, as a client has it. */
export class TcpClient {
  readonly socket: Socket;
  readonly packets: Buffer[] = [];
  /** Resolves when the other end has closed it. */
  readonly closed: Promise<unknown>;
  onPacket: (packet: Buffer) => void = () => {};
  readonly #frames = new StreamFrames(tcpFrameSize);

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('data', (chunk: Buffer) => {
      this.#frames.push(chunk, (bytes, offset, size) => {
        const packet = Buffer.from(bytes.slice(offset + LENGTH_BYTES, offset + size));
        this.packets.push(packet);
        this.onPacket(packet);
        return true;
      });
    });
  }

  static async connect(port: number, host = HOST): Promise<TcpClient> {
    const socket = connect({ port, host, noDelay: true });
    const client = new TcpClient(socket);
    await once(socket, 'connect');
    return client;
  }

  send(packet: Uint8Array): void {
    this.socket.write(tcpFrame(packet));
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Where a WebRTC client sends datagrams, which go on to the router in a TCP connection of their own. */
export class TcpWay {
  /** Undefined before the first datagram. */
  tcp: TcpClient | undefined;
  /** Of the participant whose answer it saw. */
  ufrag = '';
  readonly #udp: UdpSocket;
  #port = 0;
  #opening = false;

  private constructor(udp: UdpSocket) {
    this.#udp = udp;
    udp.on('message', (datagram, from) => void this.#forward(datagram, from.port));
  }

  static async open(): Promise<TcpWay> {
    const udp = createSocket('udp4');
    udp.bind(0, HOST);
    await once(udp, 'listening');
    return new TcpWay(udp);
  }

  /** The answer that the client is to see: its only candidate is this way, which goes to the first TCP candidate there is. */
  through(answer: string): string {
    this.ufrag = /^a=ice-ufrag:(\S+)/m.exec(answer)?.[1] ?? '';
    this.#port = Number(TCP_CANDIDATE.exec(answer.replaceAll('\r', ''))?.[2] ?? 0);
    const own = `a=candidate:1 1 udp 2130706431 ${HOST} ${this.#udp.address().port} typ host\r\n`;
    let isFirst = true;
    return answer.replace(ANY_CANDIDATE, () => {
      const line = isFirst ? own : '';
      isFirst = false;
      return line;
    });
  }

  close(): void {
    this.tcp?.close();
    this.#udp.close();
  }

  async #forward(datagram: Buffer, from: number): Promise<void> {
    if (this.tcp === undefined) {
      if (this.#opening) return; // The check is repeated.
      this.#opening = true;
      this.tcp = await TcpClient.connect(this.#port);
      this.tcp.onPacket = (packet) => this.#udp.send(packet, from, HOST);
    }
    this.tcp.send(datagram);
  }
}
