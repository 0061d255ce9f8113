/** Who comes, and as what: by a pass that a controller has given him, or by what he shows. */
import { randomBytes } from 'node:crypto';
import type { Audit } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ParticipantId } from '../../common/ids.ts';
import type { Role } from '../../mmr/control/state/meeting-state.ts';
import type { ClientMessage } from '../../proto/signalling.ts';
import { actorOf } from '../service/caller.ts';
import type { Admission, OpenMeeting } from './admission.ts';
import type { Newcomer } from './router-commands.ts';
import type { SessionTokens } from './session-tokens.ts';
import { startOf } from './start.ts';

export type JoinMessage = Extract<ClientMessage, { type: 'join' }>;

export interface Guest extends OpenMeeting {
  readonly participant: ParticipantId;
  readonly name: string;
  readonly role: Role;
  /** In a room: as which he comes back from it, if nothing is known of him there. */
  readonly atHome?: Role | undefined;
  /** He has been in the meeting before, or in a room of it. */
  readonly returning: boolean;
}

export interface GuestsOptions {
  readonly admission: Admission;
  readonly tokens: Pick<SessionTokens, 'verifyPass'>;
  /** Hears who comes as a host, so that acts of a participant are somebody's. */
  readonly audit: Audit;
}

export class Guests {
  readonly #options: GuestsOptions;

  constructor(options: GuestsOptions) {
    this.#options = options;
  }

  /** @throws ZonecastError as `Admission.admit`, and `sessionExpired` when all that he has is a pass that is over */
  async find(address: string, message: JoinMessage): Promise<Guest> {
    const byPass = await this.#byPass(address, message);
    if (byPass !== undefined) return byPass;
    const { admission, audit } = this.#options;
    const { meeting, definition, role, identity } = await admission.admit(address, message.meeting, message);
    const name = message.name ?? identity?.name;
    if (name === undefined) throw new ZonecastError('badMessage', 'Say who you are.');
    const participant = randomBytes(9).toString('base64url') as ParticipantId;
    if (role === 'host') {
      const who = {
        ...actorOf({ address, ...(identity && { identity }), hostKey: message.hostKey }),
        participant,
        role,
      };
      audit.record({ what: 'join.host', who, meeting, outcome: 'done' });
    }
    return { meeting, definition, participant, name, role, returning: false };
  }

  async #byPass(address: string, { meeting: id, pass: token, ...shown }: JoinMessage): Promise<Guest | undefined> {
    if (token === undefined) return undefined;
    const { admission, tokens } = this.#options;
    const pass = await tokens.verifyPass(token);
    // Who was sent to a room goes back by himself with the pass that led there.
    const isWayBack = pass?.main === id && pass.returning === true;
    if (pass !== undefined && (pass.meeting === id || isWayBack)) {
      const { participant, name, atHome = 'participant', returning = false } = pass;
      const role = isWayBack ? atHome : pass.role;
      return { ...(await admission.open(address, id)), participant, name, role, atHome, returning };
    }
    const hasMore = shown.passcode !== undefined || shown.token !== undefined || shown.hostKey !== undefined;
    if (hasMore) return undefined;
    throw new ZonecastError('sessionExpired', 'You were away for too long. Join again.');
  }
}

/** Him and what he offers, for a router. */
export function newcomerOf({ name, role, returning, definition }: Guest, message: JoinMessage): Newcomer {
  const { offer, sources, muted } = message;
  const arrival = { role, returning, start: startOf(definition), maxParticipants: definition.limits?.participants };
  return { name, offer, sources, muted, arrival };
}
