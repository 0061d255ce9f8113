/** What a router's answer says, as far as a client behind a tunnel needs it. */
import type { LegCandidate, LegCredentials } from '../../../proto/tunnel.ts';

export interface AnsweredLine {
  readonly mid: string;
  /** False: the m-line was rejected, or carries nothing. */
  readonly isTaken: boolean;
  /** In the order of preference. */
  readonly payloadTypes: readonly number[];
  /** Of what the router sends here. */
  readonly ssrc: number | undefined;
  /** Taken of those offered; empty: one encoding. */
  readonly rids: readonly string[];
  /** Ids of the header extensions that were taken. */
  readonly extensions: ReadonlySet<number>;
}

export interface Answer {
  readonly transport: LegCredentials;
  readonly candidates: readonly LegCandidate[];
  readonly lines: readonly AnsweredLine[];
}

/** @throws Error when it says nothing of the transport: then it is no answer of a router. */
export function readAnswer(sdp: string): Answer {
  const sections = sdp.split(/\r?\n(?=m=)/);
  const value = (name: string): string => {
    const found = new RegExp(`^a=${name}:(.*)$`, 'm').exec(sdp)?.[1]?.trim();
    if (found === undefined) throw new Error(`the answer has no a=${name}`);
    return found;
  };
  return {
    transport: { ufrag: value('ice-ufrag'), pwd: value('ice-pwd'), fingerprint: value('fingerprint') },
    candidates: [...sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/gim)].map(
      ([, address = '', port]) => ({
        address,
        port: Number(port),
      }),
    ),
    lines: sections.slice(1).map(readLine),
  };
}

function readLine(section: string): AnsweredLine {
  const [, port, payloads = ''] = /^m=\S+ (\d+) \S+ (.*)$/m.exec(section) ?? [];
  const ssrc = /^a=ssrc:(\d+) /m.exec(section)?.[1];
  const rids = /^a=simulcast:recv (\S+)/m.exec(section)?.[1]?.split(';') ?? [];
  return {
    mid: /^a=mid:(.*)$/m.exec(section)?.[1]?.trim() ?? '',
    isTaken: port !== '0' && !/^a=inactive\r?$/m.test(section),
    payloadTypes: payloads.trim().split(' ').map(Number),
    ssrc: ssrc === undefined ? undefined : Number(ssrc),
    rids,
    extensions: new Set([...section.matchAll(/^a=extmap:(\d+)/gm)].map(([, id]) => Number(id))),
  };
}
