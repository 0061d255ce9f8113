/**
 * What somebody does about the meeting as a whole. Who may, its routers decide (docs/meeting-state.md); what they cannot
 * know, a host key or a new room, is seen to here.
 */

import { type Audit, type AuditEntry, audited } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { ClientMessage, MeetingAct } from '../../proto/signalling.ts';
import { placesOf } from '../placement/placement-tree.ts';
import type { Placements } from '../placement/placements.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Admission } from './admission.ts';
import type { Definitions } from './definitions.ts';
import type { Rooms } from './rooms.ts';
import type { RouterCommands } from './router-commands.ts';
import type { Session } from './session.ts';
import { onTheWay, type SessionCommands } from './session-commands.ts';

type ActMessage = Extract<ClientMessage, { type: 'act' }>;

export interface ActsOptions {
  readonly admission: Pick<Admission, 'open' | 'checkHostKey'>;
  readonly definitions: Pick<Definitions, 'end'>;
  readonly rooms: Pick<Rooms, 'open' | 'everywhere'>;
  readonly sessions: Pick<SessionCommands, 'send'>;
  readonly commands: Pick<RouterCommands, 'act'>;
  readonly audit: Audit;
}

/** Done by anybody, hosts included: what they say and show. */
const UNRECORDED: readonly MeetingAct['type'][] = ['raiseHand', 'react', 'chat'];

export class Acts {
  readonly #options: ActsOptions;

  constructor(options: ActsOptions) {
    this.#options = options;
  }

  /** Sends `done` when it is. @throws ZonecastError */
  async act(session: Session, message: ActMessage): Promise<void> {
    const { audit } = this.#options;
    const entry = toAudit(session, message);
    const run = () => this.#act(session, message);
    await (entry === undefined ? run() : audited(audit, entry, run));
    // Who has ended it, or his own stay, has been told so already.
    session.send({ type: 'done', id: message.id });
  }

  async #act(session: Session, { act, hostKey }: ActMessage): Promise<void> {
    const { definitions, rooms, sessions, commands } = this.#options;
    const { participant, meeting } = session;
    await session.acts.run(async () => {
      const known = await this.#prepare(session, act, hostKey);
      const done = await sessions.send(session, async (mirror) => {
        await commands.act(mirror, participant, known);
        return true;
      });
      if (done === undefined) throw onTheWay();
    });
    if (act.type !== 'endMeeting') return;
    // Nobody comes to it any more.
    await tryLater(definitions.end(meeting.id));
    await rooms.everywhere(meeting.id, { type: 'endMeeting' });
  }

  /** As routers understand it. */
  async #prepare(session: Session, act: MeetingAct, hostKey: string | undefined): Promise<PersonAct> {
    if (act.type === 'claimHost') await this.#checkHostKey(session, hostKey);
    // The cast: strings of clients, in which the routers find ids, reactions and texts, or do not.
    if (act.type !== 'openRooms') return act as PersonAct;
    return { type: 'openRooms', rooms: await this.#options.rooms.open(session, act.rooms) };
  }

  async #checkHostKey({ client, meeting }: Session, hostKey: string | undefined): Promise<void> {
    if (hostKey === undefined) throw new ZonecastError('badMessage', 'The host key is missing.');
    const { admission } = this.#options;
    const { definition } = await tryLater(admission.open(client.address, meeting.id));
    await admission.checkHostKey(client.address, definition, hostKey);
  }
}

/** undefined: it is of no interest to anybody else. */
function toAudit(
  { participant, role, meeting, client }: Session,
  { act, hostKey }: ActMessage,
): Omit<AuditEntry, 'outcome'> | undefined {
  if (UNRECORDED.includes(act.type) || (role === 'participant' && act.type !== 'claimHost')) return undefined;
  const { address } = client;
  const about = 'participant' in act ? { about: act.participant } : {};
  const details = act.type === 'setSetting' ? { details: { setting: act.setting, value: act.value } } : {};
  const who = { participant, role, address, ...(hostKey === undefined ? {} : { hostKey: true as const }) };
  return { what: `act.${act.type}`, who, meeting: meeting.id, ...about, ...details };
}

export interface ZoneActsOptions {
  readonly placements: Pick<Placements, 'find'>;
  readonly commands: Pick<RouterCommands, 'act'>;
}

/** Of operators, and of the zone itself, in meetings in which this controller need not have anybody. */
export class ZoneActs {
  readonly #options: ZoneActsOptions;

  constructor(options: ZoneActsOptions) {
    this.#options = options;
  }

  /** False: the meeting is nowhere, so nobody is in it. Throws ZonecastError: what the routers say, or `noRouter`. */
  async act(meeting: MeetingId, act: PersonAct): Promise<boolean> {
    const { placements, commands } = this.#options;
    const placement = await tryLater(placements.find(meeting));
    if (placement === undefined) return false;
    let lost: ZonecastError | undefined;
    // Each of its routers passes it on to the root.
    for (const router of new Set(placesOf(placement).map((place) => place.router))) {
      try {
        await commands.act({ meeting, epoch: placement.epoch, router }, undefined, act);
        return true;
      } catch (error) {
        if (!(error instanceof ZonecastError && error.code === 'noRouter')) throw error;
        lost = error;
      }
    }
    if (lost !== undefined) throw lost;
    return false;
  }
}
