/**
 * The workload ice-tcp: what a media worker's thread spends on a packet that comes or goes by TCP, beside what it spends on every
 * packet: the listener alone, and in the place of the engine a UDP socket in another thread.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { TcpListener } from '../../mmr/ice-tcp/tcp-listener.ts';
import { BLOCK_PACKETS, measureRelay, PACKET_BYTES, type RelayFigures } from './relay-blocks.ts';

export interface IceTcpReport {
  readonly workload: 'ice-tcp';
  readonly packetBytes: number;
  readonly tcp: RelayFigures;
}

export async function runIceTcp(blocks: number, blockPackets = BLOCK_PACKETS): Promise<IceTcpReport> {
  const load = new Worker(new URL('./ice-tcp-load.ts', import.meta.url));
  const [{ port }] = (await once(load, 'message')) as [{ port: number }];
  const listener = new TcpListener({ address: '127.0.0.1', port, maxParticipants: 1, knows: () => true });
  try {
    await listener.start();
    load.postMessage('the port is open');
    await once(load, 'message');
    const tcp = await measureRelay(load, blocks, blockPackets);
    return { workload: 'ice-tcp', packetBytes: PACKET_BYTES, tcp };
  } finally {
    await load.terminate();
    listener.stop();
  }
}
