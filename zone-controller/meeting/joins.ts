/** How somebody comes into a meeting who is not in it yet: who he is, where he goes, whether he waits; then he is told all. */
import { setTimeout as pause } from 'node:timers/promises';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { tryLater } from '../registry/try-later.ts';
import type { Access } from './access.ts';
import type { Admission } from './admission.ts';
import type { Definitions } from './definitions.ts';
import type { Entered, Entrance } from './entrance.ts';
import { type Guests, type JoinMessage, newcomerOf } from './guests.ts';
import { pictureFor, tellKeptMuted, tellRest } from './picture.ts';
import type { Rooms } from './rooms.ts';
import type { Client, Session } from './session.ts';
import type { Sessions } from './sessions.ts';
import type { Applicant } from './waiter.ts';
import type { WaitingRoom } from './waiting-room.ts';
import type { WhichZone } from './which-zone.ts';

/** For a router to let go of somebody who comes again. */
const MAX_ATTEMPTS = 3;

export interface JoinsOptions {
  readonly admission: Pick<Admission, 'attempt'>;
  readonly guests: Guests;
  readonly whichZone: Pick<WhichZone, 'ofJoin'>;
  readonly definitions: Pick<Definitions, 'touch'>;
  readonly rooms: Pick<Rooms, 'enter'>;
  readonly entrance: Entrance;
  readonly sessions: Sessions;
  readonly waitingRoom: () => WaitingRoom;
  /** Somebody is in: perhaps he is to go on at once. */
  readonly arrived: (session: Session) => void;
  /** URLs of the zone's other controllers. */
  readonly controllers: () => string[];
  /** How clients get in by tunnels. */
  readonly access: Pick<Access, 'tell'>;
  readonly log: Logger;
}

export class Joins {
  readonly #options: JoinsOptions;

  constructor(options: JoinsOptions) {
    this.#options = options;
  }

  /** Lets a client in and sends it `joined`, or `waiting`; or `redirect`, to another zone. @throws ZonecastError */
  async join(client: Client, message: JoinMessage): Promise<void> {
    const { admission, guests, whichZone, waitingRoom } = this.#options;
    const { address } = client;
    admission.attempt(address);
    const guest = await tryLater(guests.find(address, message));
    const { meeting, definition } = guest;
    const { roundTrips, tried } = message;
    const onward = whichZone.ofJoin({ meeting, definition, address, roundTrips, tried });
    if (onward !== undefined) return client.send({ ...onward, id: message.id });
    // The cast: only ids of meetings are written there.
    const main = definition.main as MeetingId | undefined;
    if (main !== undefined) await this.#options.rooms.enter(meeting, main, guest.participant);
    const applicant = { client, message, guest };
    const { entry, answer } = await this.#enter(applicant);
    if (answer === undefined) await waitingRoom().wait(applicant, entry);
    else this.welcome(applicant, { entry, answer });
  }

  /** A router has let him in. @throws ZonecastError when it is too late for that */
  welcome({ client, message, guest }: Applicant, { entry, answer }: Entered & { readonly answer: string }): void {
    const { definitions, entrance, sessions, arrived, controllers, access, log } = this.#options;
    const { name, role, atHome, definition } = guest;
    const { roundTrips } = message;
    const session = sessions.begin(client, { ...entry, name, role, atHome, roundTrips }, () => entrance.leave(entry));
    definitions
      .touch(guest.meeting)
      .catch((error: unknown) => log.warn({ err: error }, 'the use of a meeting could not be noted'));
    client.send({
      type: 'joined',
      id: message.id,
      answer,
      self: { participant: entry.participant, session: entry.token },
      meeting: {
        id: guest.meeting,
        // The client's own passcode back: here it is known by its hash only.
        ...(message.passcode === undefined ? {} : { passcode: message.passcode }),
        ...(definition.title === undefined ? {} : { title: definition.title }),
      },
      ...pictureFor(session),
      controllers: controllers(),
      ...access.tell(session),
    });
    tellRest(session);
    tellKeptMuted(session, message);
    arrived(session);
  }

  async #enter({ guest, message }: Applicant): Promise<Entered> {
    const newcomer = newcomerOf(guest, message);
    for (let attempt = 1; ; attempt++) {
      try {
        return await tryLater(this.#options.entrance.enter(guest.meeting, guest.participant, newcomer));
      } catch (error) {
        // He was there already, on a connection that he does not have any more, and has to go first.
        const isThere = guest.returning && error instanceof ZonecastError && error.code === 'rateLimited';
        if (!isThere || attempt === MAX_ATTEMPTS) throw error;
        await pause(error.retryAfterMs ?? 0);
      }
    }
  }
}
