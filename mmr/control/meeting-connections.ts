/**
 * A second connection of somebody who is in a meeting here: another way to the same worker. The worker says which of his
 * two is spoken of; further offers are about that one. Every method throws ZonecastError.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { SourceKind } from '../media/negotiated.ts';
import {
  makeTransport,
  negotiateOrThrow,
  type OfferCommand,
  type ParticipantMedia,
  type RouterIdentity,
  ssrcsOf,
} from './participant-media.ts';
import { fromPoolError } from './router-errors.ts';
import type { WorkerPool } from './worker-pool.ts';

export interface ConnectionCommand extends OfferCommand {
  /** What it is called from now on. */
  readonly connection: number;
  readonly muted: readonly SourceKind[];
}

export interface MeetingConnectionsOptions {
  readonly pool: Pick<WorkerPool, 'openConnection' | 'portOf'>;
  readonly identity: RouterIdentity;
  /** Of the connection that is spoken of. */
  readonly media: Map<ParticipantId, ParticipantMedia>;
}

export class MeetingConnections {
  readonly #options: MeetingConnectionsOptions;
  /** The other one that he has, or had. It goes with the one that is spoken of. */
  readonly #others = new WeakMap<ParticipantMedia, ParticipantMedia>();
  /** With the worker. */
  readonly #coming = new Map<ParticipantId, ParticipantMedia>();

  constructor(options: MeetingConnectionsOptions) {
    this.#options = options;
  }

  /** Returns the answer. `muted`: what he has turned off, and may not turn on. */
  async open(command: ConnectionCommand, muted: readonly SourceKind[]): Promise<string> {
    const { pool, identity, media: all } = this.#options;
    const { participant, connection } = command;
    const present = all.get(participant);
    if (present === undefined) throw new ZonecastError('noSuchParticipant', 'the participant is not in the meeting');
    if (present.isNegotiating) throw new ZonecastError('badMessage', 'the offer before is not answered yet');
    const { meeting, audioOnly } = present;
    present.isNegotiating = true;
    try {
      const local = makeTransport(identity, pool.portOf(participant));
      const ssrcs = new Map<string, number>();
      const negotiated = negotiateOrThrow(command, { ...local, ...ssrcsOf(ssrcs), muted, audioOnly });
      const next = { meeting, connection, local, ssrcs, negotiated, audioOnly, isNegotiating: false, room: undefined };
      this.#coming.set(participant, next);
      await pool.openConnection(participant, negotiated.transport, negotiated.media);
      return negotiated.answer;
    } catch (error) {
      throw fromPoolError(error);
    } finally {
      present.isNegotiating = false;
      this.#coming.delete(participant);
    }
  }

  /** The worker speaks of that connection from now on. Returns what it is called; undefined: it is none of his. */
  changed(participant: ParticipantId, ufrag: string): number | undefined {
    const { media } = this.#options;
    const present = media.get(participant);
    if (present === undefined || present.local.ufrag === ufrag) return present?.connection;
    const next = [this.#coming.get(participant), this.#others.get(present)].find((each) => each?.local.ufrag === ufrag);
    if (next === undefined) return undefined;
    this.#others.set(next, present);
    next.room = present.room;
    media.set(participant, next);
    return next.connection;
  }
}
