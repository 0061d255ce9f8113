/** What a participant's client and this router have agreed on, and how they come to agree. */
import { randomBytes, randomInt } from 'node:crypto';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import type { SourceKind } from '../media/negotiated.ts';
import type { LocalMedia, LocalTransport } from '../sdp/local-transport.ts';
import { type Negotiated, negotiate } from '../sdp/negotiate.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { offerError } from './router-errors.ts';

/** Names the participant and the placement that a command is about. */
export interface Target {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly participant: ParticipantId;
}

/** An offer, and what its send-only m-lines carry. */
export interface OfferCommand extends Target {
  readonly offer: string;
  readonly sources: Readonly<Record<string, SourceKind>>;
}

export interface RouterIdentity {
  /** SHA-256 of the DTLS certificate that all workers present. */
  readonly fingerprintSha256: Uint8Array;
  /** IP literals that candidates name, best first. */
  readonly announce: readonly string[];
  /** Whether the workers' ports take TCP, too. */
  readonly iceTcp: boolean;
}

/** Of one connection of a participant. */
export interface ParticipantMedia {
  readonly meeting: MeetingId;
  /** As the controller calls it; 0: he came by it. */
  readonly connection: number;
  /** Grows by one version with every answer. */
  local: LocalTransport;
  /** SSRC of each slot of the last answer and those before, by mid and stream. An offer that is refused leaves nothing here. */
  ssrcs: ReadonlyMap<string, number>;
  negotiated: Negotiated;
  readonly audioOnly: boolean;
  /** A further offer is with the worker; one at a time. */
  isNegotiating: boolean;
  /** Into which he goes when he leaves. */
  room: MeetingId | undefined;
}

/** `port`: of his worker. */
export function makeTransport({ fingerprintSha256, announce, iceTcp }: RouterIdentity, port: number): LocalTransport {
  return {
    // RFC 8445 section 5.3: at least 24 and 128 bits; 16 and 32 characters of base64 are 96 and 192.
    ufrag: randomBytes(12).toString('base64'),
    password: randomBytes(24).toString('base64'),
    fingerprintSha256,
    candidates: announce.map((address) => ({ address, port })),
    iceTcp,
    // RFC 7022 section 4.2: 96 random bits.
    cname: randomBytes(12).toString('base64url'),
    origin: { sessionId: String(randomBytes(8).readBigUInt64BE() >> 1n), version: 1 },
  };
}

/** @throws ZonecastError `badOffer` */
export function negotiateOrThrow(
  command: Pick<OfferCommand, 'offer' | 'sources'>,
  local: Parameters<typeof negotiate>[2],
): Negotiated {
  const result = negotiate(command.offer, command.sources, local);
  if (result instanceof SdpError) throw offerError(result);
  return result;
}

export function kindsOf({ sources }: OfferCommand): SourceKind[] {
  return [...new Set(Object.values(sources))];
}

export function ssrcsOf(ssrcs: Map<string, number>): Pick<LocalMedia, 'ssrcFor'> {
  // No mid has a space in it.
  return { ssrcFor: (mid, stream) => ssrcFor(ssrcs, `${mid} ${stream}`) };
}

/** RFC 3550 section 8.1: random, and no two alike in one session. */
function ssrcFor(ssrcs: Map<string, number>, key: string): number {
  const known = ssrcs.get(key);
  if (known !== undefined) return known;
  const taken = new Set(ssrcs.values());
  let ssrc: number;
  do ssrc = randomInt(1, 2 ** 32);
  while (taken.has(ssrc));
  ssrcs.set(key, ssrc);
  return ssrc;
}
