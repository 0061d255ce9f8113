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

/** `rung`: undefined while no media has come. '' when there is nothing to say. */
export function wayWords({ rung, tried }: { rung: Rung | undefined; tried: readonly TriedRung[] }): string {
  const vain = together(tried).map(({ ways, why, ms }) => `${ways.join(' or ')}: ${why} (${(ms / 1000).toFixed(1)} s)`);
  const sentences = [];
  if (rung !== undefined) sentences.push(`Sound and pictures go by ${WAYS[rung]}.`);
  if (vain.length > 0) sentences.push(`In vain was tried ${vain.join('; ')}.`);
  return sentences.join(' ');
}

interface Vain {
  readonly ways: string[];
  readonly why: string;
  readonly ms: number;
}

/** What was tried as one, such as all ways to a relay, comes one after the other. */
function together(tried: readonly TriedRung[]): Vain[] {
  const all: Vain[] = [];
  for (const { rung, why, ms } of tried) {
    const last = all.at(-1);
    if (last?.why === why && last.ms === ms) last.ways.push(WAYS[rung]);
    else all.push({ ways: [WAYS[rung]], why, ms });
  }
  return all;
}
