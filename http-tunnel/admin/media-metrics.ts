/** What a tunnel tells of tunnelled media, in the text format of Prometheus. */
import type { Registry } from 'prom-client';
import type { TunnelMedia } from '../media/tunnel-media.ts';
import { addMetrics } from './metric-table.ts';

/** Registers them; `media` is asked when they are. */
export function addMediaMetrics(registry: Registry, media: () => Pick<TunnelMedia, 'counters' | 'load'>): void {
  addMetrics(registry, [
    {
      type: 'gauge',
      name: 'sessions',
      help: 'Tunnelled sessions that there are.',
      values: () => media().load.sessions,
    },
    {
      type: 'gauge',
      name: 'queued_bytes',
      help: 'What waits for clients of tunnelled sessions to read it.',
      values: () => media().load.queuedBytes,
    },
    {
      type: 'counter',
      name: 'sessions_total',
      help: 'Tunnelled sessions that were opened.',
      values: () => media().counters.sessionsOpened,
    },
    {
      type: 'counter',
      name: 'session_ends_total',
      help: 'Tunnelled sessions that ended, by why.',
      label: 'reason',
      values: () => media().counters.sessionEnds,
    },
    {
      type: 'counter',
      name: 'sessions_refused_total',
      help: 'Requests for tunnelled media that were refused, by reason.',
      label: 'reason',
      values: () => media().counters.refusals,
    },
    {
      type: 'counter',
      name: 'carriers_total',
      help: 'Carriers of tunnelled sessions, by kind.',
      label: 'carrier',
      values: () => media().counters.carriers,
    },
    {
      type: 'counter',
      name: 'legs_total',
      help: 'Legs to routers, by how far they got.',
      label: 'state',
      values: () => {
        const { legsOpened: opened, legsConnected: connected, legsFailed: failed } = media().counters;
        return { opened, connected, failed };
      },
    },
    {
      type: 'counter',
      name: 'candidates_refused_total',
      help: 'Addresses that clients named as a router and that are none.',
      values: () => media().counters.candidatesRefused,
    },
    {
      type: 'counter',
      name: 'media_packets_total',
      help: 'Packets of tunnelled media, to routers and to clients.',
      label: 'to',
      values: () => ({ router: media().counters.packetsToRouter, client: media().counters.packetsToClient }),
    },
    {
      type: 'counter',
      name: 'media_refused_total',
      help: 'Packets of tunnelled media that went no further, by reason.',
      label: 'reason',
      values: () => media().counters.packetsRefused,
    },
    {
      type: 'counter',
      name: 'media_dropped_total',
      help: 'Packets that were too old to be sent to their client, by kind.',
      label: 'kind',
      values: () => media().counters.packetsDropped,
    },
    {
      type: 'counter',
      name: 'key_frame_requests_total',
      help: 'Key frames that the tunnel asked for after it had dropped.',
      values: () => media().counters.keyFramesRequested,
    },
  ]);
}
