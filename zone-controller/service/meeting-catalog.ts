/**
 * The meetings of a zone for those who plan and manage them, whether they ask by HTTP or gRPC: make, see, change, end,
 * forget. Whatever changes something is recorded in the audit log.
 */

import { type Audit, audited } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId } from '../../common/ids.ts';
import { pageOf } from '../admin/paging.ts';
import { KeyedLimiter } from '../limits/keyed-limiter.ts';
import type { ZoneLimits } from '../limits/zone-limits.ts';
import type { Definitions } from '../meeting/definitions.ts';
import { hashSecret, randomHostKey, randomPasscode } from '../meeting/secret.ts';
import type { MeetingDefinition, ZoneRecords } from '../registry/records.ts';
import type { ZoneMirror } from '../registry/zone-mirror.ts';
import { actorOf, type Caller, isMasterOfAll } from './caller.ts';
import { changed, toDefinitionWish } from './change-definition.ts';
import { inviteLink, toResource, toTimes } from './meeting-resource.ts';
import { isKept, knownPerson, type MeetingRights } from './meeting-rights.ts';
import type {
  CreatedMeetingResource,
  MeetingChange,
  MeetingList,
  MeetingResource,
  MeetingWish,
  NewHostKey,
  NewPasscode,
  OccurrenceList,
} from './meeting-schemas.ts';
import { lastEndMs, occurrencesOf } from './schedule/occurrences.ts';

/** Looked at for one page; what recurs has to be reckoned. */
const MAX_LOOKED_AT = 500;

export interface MeetingCatalogOptions {
  readonly definitions: Definitions;
  readonly records: Pick<ZoneRecords, 'definition' | 'deleteMeeting'>;
  readonly mirror: Pick<ZoneMirror, 'definitions' | 'placements'>;
  readonly rights: MeetingRights;
  readonly limits: Pick<ZoneLimits, 'createMeeting' | 'meetingsPerPerson'>;
  /** Of a definition after its last use. */
  readonly lifeMs: number;
  /** Whether anybody may make meetings, without saying who he is. */
  readonly anonymous: boolean;
  /** Where people reach the zone, without a slash at the end. */
  readonly url: () => string;
  /** Everybody has to leave, wherever it is; nothing happens when it is nowhere. */
  readonly endRunning: (meeting: MeetingId) => Promise<void>;
  readonly audit: Audit;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

export interface ListWish {
  /** Of whom; "*": of everybody. undefined: the caller's own. */
  readonly owner?: string | undefined;
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  readonly pageSize: number;
  readonly pageToken: string;
}

export class MeetingCatalog {
  readonly #options: MeetingCatalogOptions;
  readonly #creations: KeyedLimiter;

  constructor(options: MeetingCatalogOptions) {
    this.#options = options;
    this.#creations = new KeyedLimiter(options.limits.createMeeting);
  }

  /** @throws ZonecastError `unauthenticated`, `notAllowed`, `rateLimited`, `badMessage`, and `noRouter` when there are too many */
  create(caller: Caller, wish: MeetingWish): Promise<CreatedMeetingResource> {
    const details = { keys: Object.keys(wish) };
    const entry = { what: 'meetings.create', who: actorOf(caller), details };
    const create = async () => {
      this.#checkMayCreate(caller, wish);
      const { identity } = caller;
      const account = wish.account ?? identity?.account;
      const checked = toDefinitionWish(wish, Date.now());
      return this.made(await this.#options.definitions.create({ ...checked, account, owner: identity?.id }));
    };
    return audited(this.#options.audit, entry, create, ({ meeting }) => ({ meeting }));
  }

  async get(caller: Caller, id: string): Promise<MeetingResource> {
    const { meeting, definition } = await this.#options.rights.manage(caller, id);
    return this.shown(meeting, definition);
  }

  /** In order of their beginning, of which those that are not scheduled have their making. */
  async list(caller: Caller, { owner, fromMs, toMs, pageSize, pageToken }: ListWish): Promise<MeetingList> {
    if (owner !== undefined && !isMasterOfAll(caller)) {
      throw new ZonecastError('notAllowed', 'Only an administrator may see the meetings of others.');
    }
    const wanted = owner ?? (caller.operator === undefined ? knownPerson(caller).id : '*');
    const found = [...this.#options.mirror.definitions].filter(
      ([, definition]) => isKept(definition) && (wanted === '*' || definition.owner === wanted),
    );
    // As many as are looked at are a page; those that do not fit the times are left out of it.
    const isFiltered = fromMs !== undefined || toMs !== undefined;
    const size = isFiltered ? MAX_LOOKED_AT : pageSize;
    const { items, nextPageToken } = pageOf(found, keyOf, { pageSize: size, pageToken });
    const fitting = isFiltered ? items.filter(([, definition]) => takesPlace(definition, fromMs, toMs)) : items;
    const shown = fitting.slice(0, pageSize);
    const last = shown.at(-1);
    const next = fitting.length > shown.length && last !== undefined ? keyOf(last) : nextPageToken;
    return {
      meetings: shown.map(([meeting, definition]) => this.shown(meeting, definition, fromMs)),
      ...(next === '' ? {} : { nextPageToken: next }),
    };
  }

  /** `revision`: only if it is at that. @throws ZonecastError, also `outdated` */
  update(caller: Caller, id: string, change: MeetingChange, revision?: number): Promise<MeetingResource> {
    const details = { keys: Object.keys(change) };
    return this.#managed(caller, id, 'meetings.update', details, async (meeting) => {
      if (change.account !== undefined || change.policy !== undefined) this.#checkMayPlace(caller, change);
      return this.#change(meeting, (before) => {
        if (revision !== undefined && revision !== (before.revision ?? 1)) throw outdated();
        return changed(before, change, Date.now(), this.#options.lifeMs);
      });
    });
  }

  /** Everybody has to leave. Nobody comes in again, unless it is one that comes again. */
  end(caller: Caller, id: string): Promise<MeetingResource> {
    return this.#managed(caller, id, 'meetings.end', {}, async (meeting) => {
      const definition = await this.#options.definitions.end(meeting);
      await this.#options.endRunning(meeting);
      if (definition === undefined) throw gone();
      return this.shown(meeting, definition);
    });
  }

  /** Ends it, and forgets it. */
  remove(caller: Caller, id: string): Promise<void> {
    return this.#managed(caller, id, 'meetings.delete', {}, async (meeting) => {
      const { definitions, records, mirror, endRunning } = this.#options;
      // Nobody comes in from here on. Where it is, is forgotten when nobody is there any more.
      await definitions.change(meeting, (before) => ({ ...before, ended: true, expiresMs: Date.now() - 1 }));
      await endRunning(meeting);
      if (mirror.placements.get(meeting)?.root == null) await records.deleteMeeting(meeting);
    });
  }

  async occurrences(
    caller: Caller,
    id: string,
    query: { readonly fromMs: number; readonly toMs?: number | undefined; readonly limit: number },
  ): Promise<OccurrenceList> {
    const { schedule } = (await this.#options.rights.manage(caller, id)).definition;
    if (schedule === undefined) return { occurrences: [] };
    return { occurrences: occurrencesOf(schedule, query).map((each) => toTimes(each, schedule.timeZone)) };
  }

  /** The one from before opens nothing any more. By default one is drawn. */
  setPasscode(caller: Caller, id: string, passcode: string = randomPasscode()): Promise<NewPasscode> {
    return this.#managed(caller, id, 'meetings.setPasscode', {}, async (meeting) => {
      const hash = await hashSecret(passcode);
      await this.#change(meeting, (before) => ({ ...before, passcode: hash }));
      return { meeting, passcode, link: inviteLink(this.#options.url(), { meeting, passcode }) };
    });
  }

  newHostKey(caller: Caller, id: string): Promise<NewHostKey> {
    return this.#managed(caller, id, 'meetings.setHostKey', {}, async (meeting) => {
      const key = randomHostKey();
      const hash = await hashSecret(key);
      await this.#change(meeting, (before) => ({ ...before, hostKey: hash }));
      return { meeting, hostKey: key };
    });
  }

  /** `fromMs`: where `next` is sought from, if that is later than now. */
  shown(meeting: MeetingId, definition: MeetingDefinition, fromMs = 0): MeetingResource {
    const { url, mirror } = this.#options;
    const isRunning = mirror.placements.get(meeting)?.root != null;
    return toResource(meeting, definition, { url: url(), isRunning, fromMs: Math.max(fromMs, Date.now()) });
  }

  /** With its secrets, which are told this once. */
  made(made: Awaited<ReturnType<Definitions['create']>>): CreatedMeetingResource {
    const { meeting, passcode, hostKey, definition } = made;
    const link = inviteLink(this.#options.url(), { meeting, passcode });
    return { ...this.shown(meeting, definition), passcode, hostKey, link };
  }

  /** How many he may own, and how fast he may make them. @throws ZonecastError `rateLimited`, `notPossible` */
  checkRoom({ identity, address, operator }: Caller): void {
    if (operator !== undefined) return;
    const waitMs = this.#creations.take(this.#options.now(), identity?.id ?? address ?? '');
    if (waitMs > 0) {
      throw new ZonecastError('rateLimited', 'Too many new meetings. Wait a moment.', { retryAfterMs: waitMs });
    }
    if (identity === undefined || identity.isAdmin) return;
    const max = this.#options.limits.meetingsPerPerson;
    let count = 0;
    for (const each of this.#options.mirror.definitions.values())
      if (each.owner === identity.id && isKept(each)) count++;
    if (count >= max) throw new ZonecastError('notPossible', `You have ${max} meetings already, as many as you may.`);
  }

  #checkMayCreate(caller: Caller, wish: MeetingWish): void {
    const isKnown = caller.identity !== undefined || caller.operator !== undefined;
    if (!isKnown && !this.#options.anonymous) {
      throw new ZonecastError('unauthenticated', 'Sign in to make a meeting.');
    }
    // What nobody owns is not kept for longer than it is used.
    if (!isKnown && wish.schedule !== undefined) {
      throw new ZonecastError('unauthenticated', 'Sign in to plan a meeting.');
    }
    this.#checkMayPlace(caller, wish);
    this.checkRoom(caller);
  }

  /** Where a meeting may be is not everybody's to say. */
  #checkMayPlace(caller: Caller, { account, policy }: Pick<MeetingChange, 'account' | 'policy'>): void {
    if (account !== undefined && !isMasterOfAll(caller)) {
      throw new ZonecastError('notAllowed', 'Only an administrator may name an account.');
    }
    if (policy !== undefined && caller.operator === undefined) knownPerson(caller);
  }

  async #change(
    meeting: MeetingId,
    change: (before: MeetingDefinition) => MeetingDefinition,
  ): Promise<MeetingResource> {
    const definition = await this.#options.definitions.change(meeting, change);
    if (definition === undefined) throw gone();
    return this.shown(meeting, definition);
  }

  #managed<Result>(
    caller: Caller,
    id: string,
    what: string,
    details: Readonly<Record<string, readonly string[]>>,
    run: (meeting: MeetingId) => Promise<Result>,
  ): Promise<Result> {
    const { audit, rights } = this.#options;
    const entry = { what, who: actorOf(caller), meeting: id.slice(0, 32), details };
    return audited(audit, entry, async () => run((await rights.manage(caller, id)).meeting));
  }
}

/** In order of time, then of ids. */
function keyOf([meeting, { schedule, createdMs }]: readonly [MeetingId, MeetingDefinition]): string {
  return `${String(Math.max(0, schedule?.startMs ?? createdMs)).padStart(15, '0')}-${meeting}`;
}

/** Meetings that are not scheduled can take place at any time. */
function takesPlace({ schedule }: MeetingDefinition, fromMs = 0, toMs = Number.POSITIVE_INFINITY): boolean {
  if (schedule === undefined) return true;
  if (schedule.startMs >= toMs || (lastEndMs(schedule) ?? Number.POSITIVE_INFINITY) <= fromMs) return false;
  return occurrencesOf(schedule, { fromMs, toMs, limit: 1 }).length > 0;
}

function outdated(): ZonecastError {
  return new ZonecastError('outdated', 'The meeting has been changed meanwhile. Read it again.');
}

function gone(): ZonecastError {
  return new ZonecastError('noSuchMeeting', 'There is no meeting with this ID any more.');
}
