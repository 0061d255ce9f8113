/** One carrier of a session: bytes both ways until it breaks. What they mean is the session's business. */
import { type SessionKey, TunnelClose } from '../../../proto/tunnel.ts';

export const CARRIER_KINDS = ['webSocket', 'httpStream', 'longPoll'] as const;
export type CarrierKind = (typeof CARRIER_KINDS)[number];

export interface SessionCarrier {
  /** Given to `send` and, as far as is known, not with the tunnel yet. */
  readonly queuedBytes: number;
  /** Whole records. */
  send(message: Uint8Array<ArrayBuffer>): void;
  /** Nothing more is heard of it. */
  close(): void;
}

export interface CarrierOwner {
  /** The session was opened, where the carrier is told it before any record. */
  handleKey(key: SessionKey): void;
  /** As they come: a record may be split between two calls. */
  handleBytes(bytes: Uint8Array): void;
  /** It is over. Called once, and not after `close`. */
  handleLost(loss: CarrierLoss): void;
}

export interface CarrierLoss {
  /** For people. */
  readonly reason: string;
  /** By another carrier it would be the same: the session is over, or cannot be had. */
  readonly isFinal: boolean;
}

/** What a session is opened with, or gone on with. */
export interface Opening {
  /** Of the tunnel, https. */
  readonly url: string;
  readonly ticket: string | undefined;
  /** Of a session that is there already, and the number of its records that have arrived here. */
  readonly resume: { readonly key: SessionKey; readonly received: number } | undefined;
}

const REASONS: Readonly<Record<keyof typeof TunnelClose, string>> = {
  replaced: 'another carrier has taken over',
  badTicket: 'the tunnel did not accept the ticket',
  unknownSession: 'the tunnel does not know the session any more',
  tooMany: 'the tunnel is full',
  misbehaved: 'the tunnel did not understand us',
  draining: 'the tunnel is about to end',
};

/** What a close code or a refusal of the tunnel says; undefined for what is none of its own. */
export function refusalOf(code: string | number): CarrierLoss | undefined {
  const known = Object.entries(TunnelClose).find(([name, number]) => name === code || number === code);
  // Of Object.entries, the keys are those of TunnelClose.
  return known === undefined ? undefined : { reason: REASONS[known[0] as keyof typeof TunnelClose], isFinal: true };
}
