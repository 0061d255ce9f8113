/**
 * What the workloads turn and ice-tcp have in common: a relay in the main thread, and in a thread of its own a load that sends
 * packets through it and gets each one back. A window of packets is on its way, so that nothing is lost.
 */
import { once } from 'node:events';
import type { MessagePort, Worker } from 'node:worker_threads';
import { median } from './sums.ts';

export interface RelayFigures {
  readonly cpuUsPerPacket: number;
  /** That a core would relay if it did nothing else. */
  readonly packetsPerSecondPerCore: number;
  readonly lost: number;
}

/** Main thread to load: send so many and wait for them. Load to main thread: they are back, and so many are not. */
interface Block {
  readonly packets: number;
}
interface BlockDone {
  readonly lost: number;
}

export interface Wire {
  send(bytes: Uint8Array): void;
  onMessage: (bytes: Uint8Array) => void;
}

/** Each goes there and back: two relayed packets. */
export const BLOCK_PACKETS = 10_000;
export const PACKET_BYTES = 1200;
const WINDOW = 64;
/** Without any packet coming back. */
const GIVE_UP_MS = 1000;

/** In the main thread, which relays: what it spends on `blocks` of packets, after one that is not counted. */
export async function measureRelay(load: Worker, blocks: number, packets: number): Promise<RelayFigures> {
  const costs: number[] = [];
  let { lost } = await runBlock(load, packets);
  for (let i = 0; i < blocks; i++) {
    const block = await runBlock(load, packets);
    lost += block.lost;
    costs.push(block.cpuUsPerPacket);
  }
  const cpuUsPerPacket = median(costs);
  return { cpuUsPerPacket, packetsPerSecondPerCore: 1e6 / cpuUsPerPacket, lost };
}

async function runBlock(load: Worker, packets: number): Promise<{ cpuUsPerPacket: number; lost: number }> {
  const before = process.threadCpuUsage();
  load.postMessage({ packets } satisfies Block);
  const [{ lost }] = (await once(load, 'message')) as [BlockDone];
  const { user, system } = process.threadCpuUsage(before);
  return { cpuUsPerPacket: (user + system) / (2 * packets), lost };
}

/** In the load: serves blocks of `packet` from here on. */
export function serveBlocks(port: MessagePort, wire: Wire, packet: Uint8Array): void {
  port.on('message', async ({ packets }: Block) => {
    port.postMessage({ lost: await sendBlock(wire, packet, packets) } satisfies BlockDone);
  });
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
