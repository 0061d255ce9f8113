/** The metrics of a tunnel, in the text format of Prometheus. */
import type { Registry } from 'prom-client';
import type { HttpTunnel } from '../http-tunnel.ts';
import type { ServerCertificates } from '../port/server-certificates.ts';
import { addMetrics, type MetricRow } from './metric-table.ts';

type MeteredTunnel = Pick<HttpTunnel, 'port' | 'http' | 'controllers' | 'proxyCounters'>;

/** Registers them; they are counted when they are asked for. */
export function addTunnelMetrics(registry: Registry, tunnel: MeteredTunnel, certificates: ServerCertificates): void {
  addMetrics(registry, [...portRows(tunnel), ...proxyRows(tunnel)]);
  addMetrics(registry, [
    {
      type: 'gauge',
      name: 'certificate_expiry_seconds',
      help: 'When the certificates that clients see end, in Unix time.',
      label: 'name',
      values: () => Object.fromEntries(certificates.expiries.map(({ name, endMs }) => [name, endMs / 1_000])),
    },
  ]);
}

function portRows({ port, http }: MeteredTunnel): MetricRow[] {
  const { counters } = port;
  return [
    {
      type: 'gauge',
      name: 'connections',
      help: 'Connections that are open, by what they speak inside TLS.',
      label: 'protocol',
      values: () => counters.open,
    },
    {
      type: 'counter',
      name: 'connections_total',
      help: 'Connections that came to something, by what they speak.',
      label: 'protocol',
      values: () => counters.taken,
    },
    {
      type: 'counter',
      name: 'connections_refused_total',
      help: 'Connections that came to nothing, by reason.',
      label: 'reason',
      values: () => counters.refused,
    },
    {
      type: 'counter',
      name: 'handshakes_total',
      help: 'TLS handshakes, by how they ended.',
      label: 'result',
      values: () => counters.handshakes,
    },
    {
      type: 'counter',
      name: 'bad_requests_total',
      help: 'Connections ended because what came was no HTTP, or came too slowly.',
      values: () => http.badRequests,
    },
  ];
}

function proxyRows({ controllers, proxyCounters }: MeteredTunnel): MetricRow[] {
  return [
    {
      type: 'gauge',
      name: 'controllers',
      help: 'Zone-controllers that requests go to, by how they are.',
      label: 'state',
      values: () => ({ well: controllers.count.well, away: controllers.count.all - controllers.count.well }),
    },
    {
      type: 'counter',
      name: 'requests_total',
      help: 'Requests that a zone-controller answered, by status.',
      label: 'status',
      values: () => proxyCounters.answers,
    },
    {
      type: 'counter',
      name: 'requests_refused_total',
      help: 'Requests and WebSockets that the tunnel itself refused, by reason.',
      label: 'reason',
      values: () => proxyCounters.refused,
    },
    {
      type: 'counter',
      name: 'failovers_total',
      help: 'Times that another zone-controller was tried after one that failed.',
      values: () => proxyCounters.failovers,
    },
    {
      type: 'gauge',
      name: 'websockets',
      help: 'WebSockets to zone-controllers that are open.',
      values: () => proxyCounters.upgradesOpen,
    },
    {
      type: 'counter',
      name: 'websockets_total',
      help: 'WebSockets that clients asked zone-controllers for, by outcome.',
      label: 'outcome',
      values: () => ({ open: proxyCounters.upgrades, refused: proxyCounters.upgradesRefused }),
    },
  ];
}
