/** Which way media goes, in the words of the protocol. Pure. */
import type { Rung, TurnEntry } from '../../../proto/signalling.ts';
import type { Step } from './ladder.ts';

/** The members of webrtc-stats dictionaries that are read here; each is absent in the types it is not of. */
interface PathStats {
  type: string;
  selectedCandidatePairId?: string;
  localCandidateId?: string;
  nominated?: boolean;
  state?: string;
  candidateType?: string;
  protocol?: string;
  relayProtocol?: string;
}

const RELAYS: Readonly<Record<string, Rung>> = { udp: 'turnUdp', tcp: 'turnTcp', tls: 'turnTls' };

/** Of an RTCPeerConnection, by its statistics; undefined while no way is chosen. */
export function rungOf(report: Iterable<[string, unknown]>): Rung | undefined {
  // RTCStatsReport is a map of dictionaries whose members depend on their type; PathStats names those read here.
  const byId = new Map(report as Iterable<[string, PathStats]>);
  const all = [...byId.values()];
  const transport = all.find(({ selectedCandidatePairId }) => selectedCandidatePairId !== undefined);
  const pair =
    byId.get(transport?.selectedCandidatePairId ?? '') ??
    all.find(({ type, nominated, state }) => type === 'candidate-pair' && nominated && state === 'succeeded');
  const local = byId.get(pair?.localCandidateId ?? '');
  if (local === undefined) return undefined;
  if (local.candidateType === 'relay') return RELAYS[local.relayProtocol ?? 'udp'];
  return local.protocol === 'tcp' ? 'iceTcp' : 'udp';
}

/** What was tried by it. */
export function rungsOf(step: Step, turn: readonly TurnEntry[]): Rung[] {
  if (step === 'direct') return ['udp', 'iceTcp'];
  if (step !== 'relay') return [step];
  const urls = turn.flatMap((entry) => entry.urls);
  const rungs = urls.map((url): Rung => {
    if (url.startsWith('turns:')) return 'turnTls';
    return /[?&]transport=tcp\b/.test(url) ? 'turnTcp' : 'turnUdp';
  });
  return [...new Set(rungs)];
}

/** The step by which this was reached: what goes by TCP to the router itself is no better than a relay. */
export function stepOf(rung: Rung): Step {
  switch (rung) {
    case 'udp':
      return 'direct';
    case 'iceTcp':
    case 'turnUdp':
    case 'turnTcp':
    case 'turnTls':
      return 'relay';
    default:
      return rung;
  }
}
