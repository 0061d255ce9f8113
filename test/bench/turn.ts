/**
 * The workload turn: what the TURN service's thread spends on a relayed packet, over UDP and over TCP. Client and peer
 * are in another thread, so that only the service is measured.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { REALM } from '../../http-tunnel/turn/core/turn-lab.ts';
import { TurnService } from '../../http-tunnel/turn/turn-service.ts';
import { BLOCK_PACKETS, measureRelay, PACKET_BYTES, type RelayFigures } from './relay-blocks.ts';
import type { TurnLoadOptions } from './turn-load.ts';

const SECRET = 'of the benchmark';

export interface TurnReport {
  readonly workload: 'turn';
  readonly packetBytes: number;
  readonly udp: RelayFigures;
  readonly tcp: RelayFigures;
}

/** `blocks` of packets by each transport. */
export async function runTurn(blocks: number, blockPackets = BLOCK_PACKETS): Promise<TurnReport> {
  const udp = await measure('udp', blocks, blockPackets);
  const tcp = await measure('tcp', blocks, blockPackets);
  return { workload: 'turn', packetBytes: PACKET_BYTES, udp, tcp };
}

async function measure(transport: 'udp' | 'tcp', blocks: number, packets: number): Promise<RelayFigures> {
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
  const workerData: TurnLoadOptions = { transport, port, secret: SECRET };
  const load = new Worker(new URL('./turn-load.ts', import.meta.url), { workerData });
  try {
    const [{ peerPort }] = (await once(load, 'message')) as [{ peerPort: number }];
    service.setPeers([{ address: '127.0.0.1', port: peerPort }]);
    load.postMessage('the peer is allowed');
    await once(load, 'message');
    return await measureRelay(load, blocks, packets);
  } finally {
    await load.terminate();
    await service.stop();
  }
}
