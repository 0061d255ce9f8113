/**
 * The workload turn: what the TURN service's thread spends on a relayed packet, over UDP and over TCP. Client and peer
 * are in another thread, so that only the service is measured.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { REALM } from '../../http-tunnel/turn/core/turn-lab.ts';
import { TurnService } from '../../http-tunnel/turn/turn-service.ts';
import { median } from './sums.ts';
import type { TurnBlock, TurnBlockDone, TurnLoadOptions } from './turn-load.ts';

/** Each goes there and back: two relayed packets. */
const BLOCK_PACKETS = 10_000;
const PACKET_BYTES = 1200;
const SECRET = 'of the benchmark';

interface TurnFigures {
  readonly cpuUsPerPacket: number;
  /** That a core would relay if it did nothing else. */
  readonly packetsPerSecondPerCore: number;
  readonly lost: number;
}

export interface TurnReport {
  readonly workload: 'turn';
  readonly packetBytes: number;
  readonly udp: TurnFigures;
  readonly tcp: TurnFigures;
}

/** `blocks` of packets by each transport. */
export async function runTurn(blocks: number, blockPackets = BLOCK_PACKETS): Promise<TurnReport> {
  const udp = await measure('udp', blocks, blockPackets);
  const tcp = await measure('tcp', blocks, blockPackets);
  return { workload: 'turn', packetBytes: PACKET_BYTES, udp, tcp };
}

async function measure(transport: 'udp' | 'tcp', blocks: number, packets: number): Promise<TurnFigures> {
  const any = { address: '127.0.0.1', port: 0 };
  const service = new TurnService({
    realm: REALM,
    udp: [any],
    tcp: [any],
    relays: [{ address: '127.0.0.1' }],
    limits: { bytesPerSecond: Number.POSITIVE_INFINITY },
  });
  service.setSecrets([SECRET]);
  await service.start();
  const port = service.endpoints[transport][0]?.port ?? 0;
  const workerData: TurnLoadOptions = { transport, port, secret: SECRET, packetBytes: PACKET_BYTES };
  const load = new Worker(new URL('./turn-load.ts', import.meta.url), { workerData });
  try {
    const [{ peerPort }] = (await once(load, 'message')) as [{ peerPort: number }];
    service.setPeers([{ address: '127.0.0.1', port: peerPort }]);
    load.postMessage('the peer is allowed');
    await once(load, 'message');
    const costs: number[] = [];
    let lost = (await runBlock(load, packets)).lost;
    for (let i = 0; i < blocks; i++) {
      const block = await runBlock(load, packets);
      lost += block.lost;
      costs.push(block.cpuUsPerPacket);
    }
    const cpuUsPerPacket = median(costs);
    return { cpuUsPerPacket, packetsPerSecondPerCore: 1e6 / cpuUsPerPacket, lost };
  } finally {
    await load.terminate();
    await service.stop();
  }
}

async function runBlock(load: Worker, packets: number): Promise<{ cpuUsPerPacket: number; lost: number }> {
  const before = process.threadCpuUsage();
  const block: TurnBlock = { packets };
  load.postMessage(block);
  const [{ lost }] = (await once(load, 'message')) as [TurnBlockDone];
  const { user, system } = process.threadCpuUsage(before);
  return { cpuUsPerPacket: (user + system) / (2 * packets), lost };
}
