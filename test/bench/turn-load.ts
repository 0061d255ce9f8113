/**
 * The load of the workload turn, a thread of its own: a client whose packets go through the TURN service to a peer that
 * sends each one back. A window of packets is on its way, so that nothing is lost.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { channelData } from '../../http-tunnel/turn/channel-data.ts';
import { turnPassword } from '../../http-tunnel/turn/core/credentials.ts';
import {
  channelNumber,
  type LabProof,
  peer,
  plainMessage,
  REALM,
  readAnswer,
  requestedTransport,
  signedMessage,
} from '../../http-tunnel/turn/core/turn-lab.ts';
import { TurnMethod, textOf } from '../../http-tunnel/turn/core/turn-protocol.ts';
import { StreamFrames } from '../../http-tunnel/turn/stream-frames.ts';
import { StunAttribute } from '../../mmr/media/stun/stun-message.ts';

export interface TurnLoadOptions {
  readonly transport: 'udp' | 'tcp';
  readonly port: number;
  readonly secret: string;
  readonly packetBytes: number;
}

/** Main thread to load: send so many and wait for them. Load to main thread: they are back, and so many are not. */
export interface TurnBlock {
  readonly packets: number;
}
export interface TurnBlockDone {
  readonly lost: number;
}

const HOST = '127.0.0.1';
const CHANNEL = 0x4000;
const WINDOW = 64;
/** Without any packet coming back. */
const GIVE_UP_MS = 1000;

interface Wire {
  send(bytes: Uint8Array): void;
  onMessage: (bytes: Uint8Array) => void;
}

async function openWire({ transport, port }: TurnLoadOptions): Promise<Wire> {
  if (transport === 'udp') {
    const socket = createSocket('udp4');
    socket.connect(port, HOST);
    await once(socket, 'connect');
    const wire: Wire = { send: (bytes) => socket.send(bytes), onMessage: () => {} };
    socket.on('message', (bytes) => wire.onMessage(bytes));
    return wire;
  }
  const socket = connect({ port, host: HOST, noDelay: true });
  await once(socket, 'connect');
  const frames = new StreamFrames();
  const wire: Wire = { send: (bytes) => socket.write(bytes), onMessage: () => {} };
  socket.on('data', (chunk) => {
    frames.push(chunk, (bytes, offset, size) => {
      wire.onMessage(bytes.subarray(offset, offset + size));
      return true;
    });
  });
  return wire;
}

async function ask(wire: Wire, request: Uint8Array) {
  const answer = new Promise<Uint8Array>((resolve) => {
    wire.onMessage = resolve;
  });
  wire.send(request);
  return readAnswer(Uint8Array.from(await answer));
}

async function openChannel(wire: Wire, secret: string, peerPort: number): Promise<void> {
  const username = `${Math.ceil(Date.now() / 1000) + 600}:load`;
  const challenge = await ask(wire, plainMessage(TurnMethod.allocate, [requestedTransport]));
  const nonce = textOf(challenge.message, StunAttribute.nonce) ?? '';
  const key = createHash('md5')
    .update(`${username}:${REALM}:${turnPassword(secret, username)}`)
    .digest();
  const proof: LabProof = { username, nonce, key, algorithm: 'md5' };
  const binding = [channelNumber(CHANNEL), peer(HOST, peerPort)];
  for (const request of [
    signedMessage(TurnMethod.allocate, [requestedTransport], proof),
    signedMessage(TurnMethod.channelBind, binding, proof),
  ]) {
    const { code } = await ask(wire, request);
    if (code !== 0) throw new Error(`the TURN service refused by ${code}`);
  }
}

/** Sends `packets`, each when one of the window has come back; resolves to how many have not. */
function sendBlock(wire: Wire, packet: Uint8Array, packets: number): Promise<number> {
  return new Promise((resolve) => {
    let sent = 0;
    let received = 0;
    const done = () => {
      clearTimeout(timer);
      resolve(packets - received);
    };
    const timer = setTimeout(done, GIVE_UP_MS);
    wire.onMessage = () => {
      timer.refresh();
      if (++received === packets) done();
      else if (sent < packets) send();
    };
    const send = () => {
      sent++;
      wire.send(packet);
    };
    for (let i = 0; i < Math.min(WINDOW, packets); i++) send();
  });
}

async function main(options: TurnLoadOptions): Promise<void> {
  const peerSocket = createSocket('udp4').bind(0, HOST);
  await once(peerSocket, 'listening');
  peerSocket.on('message', (bytes, { address, port }) => peerSocket.send(bytes, port, address));
  parentPort?.postMessage({ peerPort: peerSocket.address().port });
  await new Promise((resolve) => parentPort?.once('message', resolve));
  const wire = await openWire(options);
  await openChannel(wire, options.secret, peerSocket.address().port);
  const data = new Uint8Array(options.packetBytes);
  const packet = channelData(CHANNEL, data, 0, data.length, options.transport === 'udp' ? 1 : 4);
  parentPort?.on('message', async ({ packets }: TurnBlock) => {
    const done: TurnBlockDone = { lost: await sendBlock(wire, packet, packets) };
    parentPort?.postMessage(done);
  });
  parentPort?.postMessage({ ready: true });
}

await main(workerData as TurnLoadOptions);
