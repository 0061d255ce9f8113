/** Shared by the tests of the negotiation: our side of the transport. */
import type { SourceKind } from '../media/negotiated.ts';
import type { LocalMedia, LocalTransport } from './local-transport.ts';
import { type Negotiated, negotiate } from './negotiate.ts';
import { SdpError } from './sdp-error.ts';

export const LOCAL: LocalTransport & LocalMedia = {
  ufrag: 'routerufrag',
  password: 'router/password/of/24+ch',
  fingerprintSha256: Uint8Array.from({ length: 32 }, (_, i) => i),
  candidates: [
    { address: '192.0.2.7', port: 8801 },
    { address: '2001:db8::7', port: 8801 },
  ],
  cname: 'router-cname',
  origin: { sessionId: '4611686018427387904', version: 1 },
  ssrcFor: (mid, stream) => (stream === 'media' ? 7000 : 8000) + Number(mid),
  muted: ['screen'],
};

/** What the fixtures' send-only m-lines carry. */
export const JOIN_SOURCES: Record<string, SourceKind> = { '0': 'microphone', '1': 'camera' };

/** The outcome of an offer that must be taken; throws the refusal otherwise. */
export function negotiated(offer: string, sources: Record<string, SourceKind>, local = LOCAL): Negotiated {
  const result = negotiate(offer, sources, local);
  if (result instanceof SdpError) throw new Error(`${result.code}: ${result.message}`);
  return result;
}
