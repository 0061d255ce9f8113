/** Who may see and change which meeting. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { Admission } from '../meeting/admission.ts';
import { parseMeetingId } from '../meeting/meeting-id.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import { type Caller, isMasterOfAll } from './caller.ts';
import { type Identity, isMaster } from './identity/identity.ts';

export interface MeetingRightsOptions {
  readonly records: Pick<ZoneRecords, 'definition'>;
  readonly admission: Pick<Admission, 'checkHostKey' | 'wrongGuess'>;
  /** Which zone keeps a meeting. */
  readonly keeperOf: (meeting: MeetingId) => ZoneId | undefined;
  readonly own: ZoneId;
}

export interface ManagedMeeting {
  readonly meeting: MeetingId;
  readonly definition: MeetingDefinition;
}

export class MeetingRights {
  readonly #options: MeetingRightsOptions;

  constructor(options: MeetingRightsOptions) {
    this.#options = options;
  }

  /**
   * The meeting that `text` names, as the registry has it, if it is the caller's: its owner's, an administrator's, an
   * operator's, or of who has its host key. @throws ZonecastError `unauthenticated`, `notAllowed`, `wrongPasscode`, `noSuchMeeting`, `rateLimited`
   */
  async manage(caller: Caller, text: string): Promise<ManagedMeeting> {
    const { identity, hostKey } = caller;
    const isMasterHere = isMasterOfAll(caller);
    if (!isMasterHere && identity === undefined && hostKey === undefined) throw signIn();
    const meeting = parseMeetingId(text);
    const definition = meeting === undefined ? undefined : await this.#find(meeting);
    if (meeting === undefined || definition === undefined) {
      if (meeting !== undefined) this.#guessed(caller);
      throw new ZonecastError('noSuchMeeting', 'There is no meeting with this ID.');
    }
    if (isMasterHere || (identity !== undefined && isMaster(identity, definition))) return { meeting, definition };
    if (hostKey !== undefined) {
      await this.#options.admission.checkHostKey(caller.address ?? '', definition, hostKey);
      return { meeting, definition };
    }
    this.#guessed(caller);
    throw new ZonecastError('notAllowed', 'This is not your meeting.');
  }

  async #find(meeting: MeetingId): Promise<MeetingDefinition | undefined> {
    const { value } = await this.#options.records.definition(meeting);
    if (value !== undefined && value.home === undefined) return isKept(value) ? value : undefined;
    const { keeperOf, own } = this.#options;
    const keeper = value?.home ?? keeperOf(meeting);
    if (keeper === undefined || keeper === own) return undefined;
    // Operators are this zone's; what others show is handed on (rest/other-zones-meetings.ts).
    throw new ZonecastError('noSuchMeeting', `Meetings with such IDs are kept by the zone "${keeper}": ask there.`);
  }

  /** Who is an operator need not guess. */
  #guessed({ address }: Caller): void {
    if (address !== undefined) this.#options.admission.wrongGuess(address);
  }
}

/** Whether it exists for the service, which knows no rooms and copies; whose time is over does not, even with people in it. */
export function isKept({ expiresMs, main, home }: MeetingDefinition): boolean {
  return main === undefined && home === undefined && (expiresMs === null || expiresMs >= Date.now());
}

/** @throws ZonecastError `unauthenticated` */
export function knownPerson({ identity }: Caller): Identity {
  if (identity === undefined) throw signIn();
  return identity;
}

function signIn(): ZonecastError {
  return new ZonecastError(
    'unauthenticated',
    'This takes a token of an identity provider, or the host key of the meeting.',
  );
}
