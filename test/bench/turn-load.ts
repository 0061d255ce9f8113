/**
 * The load of the workload turn, a thread of its own: a client whose packets go through the TURN service to a peer that
 * sends each one back.
 */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { StreamFrames } from '../../common/stream-frames.ts';
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
import { turnFrameSize } from '../../http-tunnel/turn/turn-frames.ts';
import { StunAttribute } from '../../mmr/media/stun/stun-message.ts';
import { PACKET_BYTES, serveBlocks, type Wire } from './relay-blocks.ts';

export interface TurnLoadOptions {
  readonly transport: 'udp' | 'tcp';
  readonly port: number;
  readonly secret: string;
}

const HOST = '127.0.0.1';
const CHANNEL = 0x4000;

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
  const frames = new StreamFrames(turnFrameSize);
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

async function main(parent: MessagePort, options: TurnLoadOptions): Promise<void> {
  const peerSocket = createSocket('udp4').bind(0, HOST);
  await once(peerSocket, 'listening');
  peerSocket.on('message', (bytes, { address, port }) => peerSocket.send(bytes, port, address));
  parent.postMessage({ peerPort: peerSocket.address().port });
  await once(parent, 'message');
  const wire = await openWire(options);
  await openChannel(wire, options.secret, peerSocket.address().port);
  const data = new Uint8Array(PACKET_BYTES);
  const packet = channelData(CHANNEL, data, 0, data.length, options.transport === 'udp' ? 1 : 4);
  serveBlocks(parent, wire, packet);
  parent.postMessage({ ready: true });
}

if (parentPort === null) throw new Error('turn-load.ts runs in a worker thread only');
// Written by turn.ts only.
await main(parentPort, workerData as TurnLoadOptions);
