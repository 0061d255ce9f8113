/** Personal rooms: one meeting for each person, always the same, made when he first asks for it. */

import { type Audit, audited } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { Definitions } from '../meeting/definitions.ts';
import { hashSecret } from '../meeting/secret.ts';
import { personKey, type ZoneRecords } from '../registry/records.ts';
import { actorOf, type Caller } from './caller.ts';
import { asWished } from './change-definition.ts';
import type { Identity } from './identity/identity.ts';
import type { MeetingCatalog } from './meeting-catalog.ts';
import { isKept, knownPerson, type ManagedMeeting } from './meeting-rights.ts';
import type { CreatedMeetingResource, MeetingResource, RoomWish } from './meeting-schemas.ts';

export interface PersonalRoomsOptions {
  readonly catalog: MeetingCatalog;
  readonly definitions: Definitions;
  readonly records: Pick<ZoneRecords, 'definition' | 'deleteMeeting' | 'personalRoom' | 'putPersonalRoom'>;
  readonly audit: Audit;
}

export class PersonalRooms {
  readonly #options: PersonalRoomsOptions;

  constructor(options: PersonalRoomsOptions) {
    this.#options = options;
  }

  /** @throws ZonecastError `unauthenticated`; `noSuchMeeting` when he has none yet */
  async get(caller: Caller): Promise<MeetingResource> {
    const { room } = await this.#find(knownPerson(caller));
    if (room === undefined) throw new ZonecastError('noSuchMeeting', 'You have no personal room yet: make it by PUT.');
    return this.#options.catalog.shown(room.meeting, room.definition);
  }

  /** Makes the room, whose secrets are then told, or changes it. What is not wished for is as by default; the passcode stays. */
  put(caller: Caller, wish: RoomWish): Promise<CreatedMeetingResource | MeetingResource> {
    const entry = { what: 'rooms.put', who: actorOf(caller), details: { keys: Object.keys(wish) } };
    const run = async (): Promise<CreatedMeetingResource | MeetingResource> => {
      const person = knownPerson(caller);
      const { room, revision } = await this.#find(person);
      return room === undefined ? this.#make(caller, person, wish, revision) : this.#change(room, wish);
    };
    return audited(this.#options.audit, entry, run, ({ meeting }) => ({ meeting }));
  }

  async #make(caller: Caller, { id, account }: Identity, wish: RoomWish, revision: number) {
    const { catalog, definitions, records } = this.#options;
    catalog.checkRoom(caller);
    const made = await definitions.create({ ...wish, owner: id, account, personal: true });
    try {
      await records.putPersonalRoom(personKey(id), made.meeting, revision);
    } catch (error) {
      // Made by another request of his at the same time.
      await records.deleteMeeting(made.meeting);
      throw error;
    }
    return catalog.made(made);
  }

  async #change({ meeting }: ManagedMeeting, wish: RoomWish): Promise<MeetingResource> {
    const { catalog, definitions } = this.#options;
    const passcode = wish.passcode === undefined ? undefined : await hashSecret(wish.passcode);
    const after = await definitions.change(meeting, (before) => ({
      ...asWished(before, wish),
      passcode: passcode ?? before.passcode,
    }));
    if (after === undefined) throw new ZonecastError('noSuchMeeting', 'Your room is gone.');
    return catalog.shown(meeting, after);
  }

  /** `revision`: of the note which room is his. */
  async #find(person: Identity): Promise<{ readonly room: ManagedMeeting | undefined; readonly revision: number }> {
    const { records } = this.#options;
    const { value, revision } = await records.personalRoom(personKey(person.id));
    const definition = value && (await records.definition(value.meeting)).value;
    const isHis = definition?.personal === true && isKept(definition) && definition.owner === person.id;
    return { room: value && definition && isHis ? { meeting: value.meeting, definition } : undefined, revision };
  }
}
