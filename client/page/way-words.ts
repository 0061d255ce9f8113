/** By which way sound and pictures come and go, in words. */
import type { Rung, TriedRung } from '../../proto/signalling.ts';

const WAYS: Readonly<Record<Rung, string>> = {
  udp: 'UDP',
  iceTcp: 'TCP',
  turnUdp: 'a relay (UDP)',
  turnTcp: 'a relay (TCP)',
  turnTls: 'a relay (TLS)',
  webSocket: 'a WebSocket tunnel',
  httpStream: 'an HTTP tunnel',
  longPoll: 'an HTTP tunnel (long polls)',
};

/** '' while no media has come. */
export function wayWords(report: { rung: Rung; tried: readonly TriedRung[] } | undefined): string {
  if (report === undefined) return '';
  const way = `Sound and pictures go by ${WAYS[report.rung]}.`;
  if (report.tried.length === 0) return way;
  const tried = report.tried.map(({ rung, ms, why }) => `${WAYS[rung]} (${(ms / 1000).toFixed(1)} s: ${why})`);
  return `${way} Tried before: ${tried.join(', ')}.`;
}
