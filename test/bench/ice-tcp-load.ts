/** The load of the workload ice-tcp, a thread of its own: a TCP client, and an engine that sends each packet back. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type MessagePort, parentPort } from 'node:worker_threads';
import { StreamFrames } from '../../common/stream-frames.ts';
import { tcpFrame, tcpFrameSize } from '../../mmr/ice-tcp/tcp-frames.ts';
import { connectivityCheck } from '../../mmr/ice-tcp/tcp-lab.ts';
import { PACKET_BYTES, serveBlocks, type Wire } from './relay-blocks.ts';

const HOST = '127.0.0.1';
/** RFC 7983 section 7: what the relay may drop when it is late. */
const RTP = 0x80;

async function openWire(port: number): Promise<Wire> {
  const socket = connect({ port, host: HOST, noDelay: true });
  await once(socket, 'connect');
  const frames = new StreamFrames(tcpFrameSize);
  const wire: Wire = { send: (bytes) => socket.write(bytes), onMessage: () => {} };
  socket.on('data', (chunk) => {
    frames.push(chunk, (bytes, offset, size) => {
      wire.onMessage(bytes.subarray(offset, offset + size));
      return true;
    });
  });
  return wire;
}

async function main(parent: MessagePort): Promise<void> {
  const engine = createSocket('udp4').bind(0, HOST);
  await once(engine, 'listening');
  engine.on('message', (bytes, { address, port }) => engine.send(bytes, port, address));
  const { port } = engine.address();
  parent.postMessage({ port });
  await once(parent, 'message');
  const wire = await openWire(port);
  await new Promise<void>((resolve) => {
    wire.onMessage = () => resolve();
    wire.send(tcpFrame(connectivityCheck('load')));
  });
  serveBlocks(parent, wire, tcpFrame(new Uint8Array(PACKET_BYTES).fill(RTP)));
  parent.postMessage({ ready: true });
}

if (parentPort === null) throw new Error('ice-tcp-load.ts runs in a worker thread only');
await main(parentPort);
