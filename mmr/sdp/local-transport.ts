/** What the router brings into the negotiation with one participant. */
import type { SourceKind } from '../media/negotiated.ts';

/** Our side of the transport. */
export interface LocalTransport {
  readonly ufrag: string;
  readonly password: string;
  readonly fingerprintSha256: Uint8Array;
  /** IP literals and UDP ports, best first. */
  readonly candidates: readonly { readonly address: string; readonly port: number }[];
  /** Whether the same addresses and ports take TCP as well. Default false. */
  readonly iceTcp?: boolean;
  readonly cname: string;
  /** RFC 8866 section 5.2: the id stays for the participant's whole stay, the version grows with every answer. */
  readonly origin: { readonly sessionId: string; readonly version: number };
}

export interface LocalMedia {
  /** SSRC of the slot at `mid`, or of its RTX stream: always the same for the two, unique within the participant. */
  readonly ssrcFor: (mid: string, stream: 'media' | 'rtx') => number;
  /** Sources that start muted. */
  readonly muted: readonly SourceKind[];
  /** What the first answer agreed to, which further ones cannot add to; undefined for the first. */
  readonly transportFeedback?: boolean | undefined;
  /** No picture either way: the offer's video m-lines are answered as inactive. Default false. */
  readonly audioOnly?: boolean;
}
