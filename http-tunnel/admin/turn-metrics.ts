/** What a tunnel tells of its TURN, in the text format of Prometheus. */
import type { Registry } from 'prom-client';
import type { TurnService } from '../turn/turn-service.ts';
import { addMetrics } from './metric-table.ts';

/** Registers them; `turn` is asked when they are. */
export function addTurnMetrics(
  registry: Registry,
  turn: () => Pick<TurnService, 'counters' | 'socketCounters' | 'load'>,
): void {
  addMetrics(registry, [
    {
      type: 'gauge',
      name: 'turn_allocations',
      help: 'Allocations of TURN that there are.',
      values: () => turn().load.allocations,
    },
    {
      type: 'counter',
      name: 'turn_allocations_total',
      help: 'Allocations of TURN that were made.',
      values: () => turn().counters.allocationsMade,
    },
    {
      type: 'counter',
      name: 'turn_packets_total',
      help: 'Packets that TURN relayed, to routers and to clients.',
      label: 'to',
      values: () => ({ router: turn().counters.relayedToPeers, client: turn().counters.relayedToClients }),
    },
    {
      type: 'counter',
      name: 'turn_bytes_total',
      help: 'Bytes that TURN relayed, to routers and to clients.',
      label: 'to',
      values: () => ({ router: turn().counters.bytesToPeers, client: turn().counters.bytesToClients }),
    },
    {
      type: 'counter',
      name: 'turn_refused_total',
      help: 'Requests that TURN refused, by error code.',
      label: 'code',
      values: () => turn().counters.refused,
    },
    {
      type: 'counter',
      name: 'turn_client_drops_total',
      help: 'What clients sent to TURN and went no further, by reason.',
      label: 'reason',
      values: () => turn().counters.clientDrops,
    },
    {
      type: 'counter',
      name: 'turn_peer_drops_total',
      help: 'What was sent to relays of TURN and went no further, by reason.',
      label: 'reason',
      values: () => turn().counters.peerDrops,
    },
    {
      type: 'counter',
      name: 'turn_queue_drops_total',
      help: 'Packets that clients read too slowly to be relayed to them, by reason.',
      label: 'reason',
      values: () => turn().socketCounters.queueDrops,
    },
    {
      type: 'counter',
      name: 'turn_stream_ends_total',
      help: 'Connections of TURN by TCP and TLS that ended, by why.',
      label: 'reason',
      values: () => turn().socketCounters.streamEnds,
    },
  ]);
}
