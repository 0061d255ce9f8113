/** Somebody who has asked to come in and is to wait. His join is kept with all that it offers, for when he is let in. */
import type { ServerMessage } from '../../proto/signalling.ts';
import type { Entry } from './entrance.ts';
import type { Guest, JoinMessage } from './guests.ts';
import type { Client } from './session.ts';

export type WaitingReason = Extract<ServerMessage, { type: 'waiting' }>['reason'];

/** A client that wants in. */
export interface Applicant {
  readonly client: Client;
  readonly message: JoinMessage;
  readonly guest: Guest;
}

export class Waiter implements Applicant {
  readonly client: Client;
  readonly message: JoinMessage;
  readonly guest: Guest;
  /** Where he waits. */
  entry: Entry;
  /** Why he waits, and when he was told so last, monotonic. */
  told: { readonly reason: WaitingReason; readonly atMs: number } | undefined;
  /** He is in, or away. */
  isOver = false;
  /** A router is being asked for him again. */
  isAsking = false;
  /** And is to be asked once more. */
  isToAsk = false;

  constructor({ client, message, guest }: Applicant, entry: Entry) {
    this.client = client;
    this.message = message;
    this.guest = guest;
    this.entry = entry;
  }

  /** Bytes that are kept for him, or about that. */
  get size(): number {
    return this.message.offer.length;
  }
}
