/**
 * All that a controller does about meetings, put together: who may come in, where each meeting is, what its routers are
 * told, and what they tell.
 */

import { type Audit, NO_AUDIT } from '../../common/audit/audit.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { zoneOf } from '../../mmr/control/cascade/meeting-places.ts';
import type { PersonAct } from '../../mmr/control/state/acts.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import type { ControllerMetrics } from '../admin/controller-metrics.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import { isOn } from '../placement/placement-tree.ts';
import { Placements } from '../placement/placements.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { tryLater } from '../registry/try-later.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import type { Identities } from '../service/identity/identities.ts';
import { DefinitionCopies } from '../world/definition-copies.ts';
import type { World } from '../world/world.ts';
import type { Access } from './access.ts';
import { AccessNews } from './access-news.ts';
import { Acts, ZoneActs } from './acts.ts';
import { Admission } from './admission.ts';
import { Definitions } from './definitions.ts';
import { Departures } from './departures.ts';
import { Entrance } from './entrance.ts';
import { Guests } from './guests.ts';
import { Joins } from './joins.ts';
import { LiveMeetings } from './live-meetings.ts';
import { MeetingPlaces } from './meeting-places.ts';
import { MeetingService } from './meeting-service.ts';
import { MoveWishes } from './move-wishes.ts';
import { Moves } from './moves.ts';
import { NoticeTelling } from './notice-telling.ts';
import { Rooms } from './rooms.ts';
import { RouterCommands } from './router-commands.ts';
import { RouterEvents } from './router-events.ts';
import { SessionCommands } from './session-commands.ts';
import { SessionTokens } from './session-tokens.ts';
import { Sessions } from './sessions.ts';
import { Stranded } from './stranded.ts';
import { Transfers } from './transfers.ts';
import { TreeSender } from './tree-sender.ts';
import { Upgrades } from './upgrades.ts';
import { WaitingRoom } from './waiting-room.ts';
import type { WhereElse } from './where-else.ts';
import { WhichZone } from './which-zone.ts';

/** Between two looks for meetings whose time is over. */
const SWEEP_MS = 10 * 60_000;
/** Between two looks for passes that are old. */
const RENEW_MS = 60_000;

export interface ZoneMeetingsOptions {
  /** Of this controller's process. */
  readonly instance: string;
  readonly registry: ControllerRegistry;
  readonly directory: RouterDirectory;
  /** This zone among the others. */
  readonly world: World;
  /** Where else clients may go: URLs of the zone's other controllers, then of other zones. */
  readonly whereElse: Pick<WhereElse, 'draw'>;
  /** How clients get in by tunnels. */
  readonly access: Pick<Access, 'tell' | 'isDue'>;
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  /** undefined: no identity provider is trusted. */
  readonly identities?: Identities | undefined;
  /** What hosts do is recorded there. */
  readonly audit?: Audit | undefined;
  readonly metrics: Pick<ControllerMetrics, 'placing' | 'moved' | 'cameBy'>;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class ZoneMeetings {
  readonly tokens: SessionTokens;
  /** For clients. */
  readonly service: MeetingService;
  /** For what routers report. */
  readonly events: RouterEvents;
  /** The meetings that exist, and who may come in. */
  readonly definitions: Definitions;
  /** Those of other zones. */
  readonly copies: DefinitionCopies;
  readonly admission: Admission;
  readonly #log: Logger;
  readonly #world: World;
  readonly #has: (router: RouterId) => boolean;
  readonly #meetings: LiveMeetings;
  readonly #placements: Placements;
  readonly #places: MeetingPlaces;
  readonly #waitingRoom: WaitingRoom;
  readonly #zoneActs: ZoneActs;
  readonly #rooms: Rooms;
  readonly #departures: Departures;
  readonly #commands: RouterCommands;
  readonly #wishes: MoveWishes;
  readonly #stranded: Stranded;
  readonly #upgrades: Upgrades;
  readonly #transfers: Transfers;
  readonly #accessNews: AccessNews;
  #sweep: NodeJS.Timeout | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #isRenewing = false;

  constructor(options: ZoneMeetingsOptions) {
    const { instance, registry, directory, world, whereElse, access, limits, times, metrics, now, log } = options;
    const { records, mirror, operators } = registry;
    const has = (router: RouterId): boolean => directory.has(router);
    const isSilent = (router: RouterId): boolean => directory.isSilent(router);
    const tell = (command: Promise<unknown>): void => {
      // Whatever a router still holds, its own consent checks free.
      command.catch((error: unknown) => log.warn({ err: error }, 'a router did not take a command'));
    };
    this.#log = log;
    const audit = options.audit ?? NO_AUDIT;
    // Two circles, closed by functions that are not called before all is made: a live meeting asks where it is placed,
    // which depends on who is in it; and a new placement is told to the places, which ask for placements themselves.
    const meetings = new LiveMeetings((router, meeting) => this.#isAway(router, meeting), now);
    this.#world = world;
    this.#has = has;
    this.#meetings = meetings;
    const placements = new Placements({
      records,
      mirror,
      routers: directory,
      people: (meeting) => meetings.get(meeting)?.roster.people ?? new Map(),
      changed: (meeting, placement) => {
        this.#places.changed(meeting, placement);
        this.#waitingRoom.moved(meeting, placement);
      },
      measure: (decide) => metrics.placing(decide),
      log,
    });
    this.#placements = placements;

    this.copies = new DefinitionCopies({ world, records, lifeMs: times.definitionMs, now, log });
    const definitions = new Definitions({
      records,
      mirror,
      capacity: limits.definitions,
      lifeMs: times.definitionMs,
      live: meetings,
      world,
      copies: this.copies,
    });
    this.definitions = definitions;
    const admission = new Admission({ definitions, limits, identities: options.identities, now });
    this.admission = admission;
    const definitionOf = (meeting: MeetingId) => definitions.find(meeting);
    const whichZone = new WhichZone({ world, definitionOf });
    const tokens = new SessionTokens(world);
    this.tokens = tokens;
    const commands = new RouterCommands(directory, instance, limits.participantsPerMeeting);
    this.#commands = commands;
    const trees = new TreeSender({ commands, has, log });
    const entrance = new Entrance({
      meetings,
      placements,
      trees,
      commands,
      tokens,
      has,
      isSilent,
      tell,
      keepMs: times.resumeMs,
    });
    const moves = new Moves({
      entrance,
      definitions,
      access,
      moved: (reason, error) => metrics.moved(reason, error),
      log,
    });
    const places = new MeetingPlaces({
      meetings,
      placements,
      trees,
      moves,
      known: mirror.placements,
      has,
      isSilent,
      log,
    });
    this.#places = places;
    this.#upgrades = new Upgrades({ meetings, placements, moves, now });
    const lostForMs = (router: RouterId): number | undefined => directory.lostForMs(router);
    const stranded = new Stranded({ own: world.own, meetings, placements, commands, lostForMs });
    this.#stranded = stranded;
    const wishes = new MoveWishes({ records, operators, meetings, moves, log });
    this.#wishes = wishes;
    const sessions = new Sessions({ meetings, entrance, moves, stranded, commands, tell, log });
    const zoneActs = new ZoneActs({ placements, commands });
    this.#zoneActs = zoneActs;
    const known = () => mirror.definitions;
    const rooms = new Rooms({ definitions, tokens, zone: zoneActs, world, known, limit: limits.openRoom, now, log });
    this.#rooms = rooms;
    const departures = new Departures({ placements, commands, rooms, goneMs: times.roomLeftMs, log });
    this.#departures = departures;
    this.#transfers = new Transfers({
      world,
      whichZone,
      meetings,
      definitionOf,
      known: (meeting) => mirror.definitions.get(meeting),
      dismiss: (session, reason) => sessions.leave(session, reason),
      now,
      log,
    });
    const joins = new Joins({
      rooms,
      admission,
      guests: new Guests({ admission, tokens, audit }),
      whichZone,
      definitions,
      entrance,
      sessions,
      waitingRoom: () => this.#waitingRoom,
      arrived: (session) => this.service.check(session),
      controllers: () => whereElse.draw(),
      access,
      log,
    });
    this.#accessNews = new AccessNews({ meetings, access });
    const welcome: Joins['welcome'] = (applicant, entered) => joins.welcome(applicant, entered);
    const waitingRoom = new WaitingRoom({ meetings, entrance, tokens, welcome, now, log });
    this.#waitingRoom = waitingRoom;
    const sessionCommands = new SessionCommands({ placements, commands });
    const acts = new Acts({ admission, definitions, rooms, sessions: sessionCommands, commands, audit });
    this.service = new MeetingService({
      meetings,
      admission,
      places,
      entrance,
      moves,
      stranded,
      wishes,
      joins,
      waitingRoom,
      sessions,
      commands: sessionCommands,
      acts,
      zoneActs,
      rooms,
      tokens,
      whichZone,
      controllers: () => whereElse.draw(),
      access,
      cameBy: (message) => metrics.cameBy(message),
    });
    const notices = new NoticeTelling(rooms);
    this.events = new RouterEvents({ meetings, sessions, waitingRoom, notices, places, moves, stranded, departures });
  }

  start(): void {
    this.#wishes.start();
    this.#upgrades.start();
    this.#transfers.start();
    this.#accessNews.start();
    this.#renewal = setInterval(() => void this.#renewPasses(), RENEW_MS);
    this.#sweep = setInterval(() => void this.#sweepDefinitions(), SWEEP_MS);
  }

  /** Ends all sessions. Media is left running. */
  close(): void {
    clearInterval(this.#sweep);
    clearInterval(this.#renewal);
    this.#upgrades.close();
    this.#transfers.close();
    this.#accessNews.close();
    this.#departures.close();
    this.service.close();
  }

  /**
   * Makes a meeting whose link begins with `url`. `permanent`: kept as long as the registry. Throws ZonecastError
   * `noRouter` when there are too many, or the registry is away.
   */
  async create(url: string, permanent: boolean): Promise<CreatedMeeting> {
    const { meeting, passcode, hostKey } = await tryLater(this.definitions.create({ permanent }));
    const fragment = new URLSearchParams({ meeting, passcode });
    return { meeting, passcode, hostKey, link: `${url}/#${fragment}` };
  }

  /** The registry's mirror shows this placement now; undefined: it is gone, or cannot be read. */
  mirrored(meeting: MeetingId, placement: MeetingPlacement | undefined): void {
    this.#placements.mirrored(meeting, placement);
  }

  /** This controller has people in the meeting. */
  isLive(meeting: MeetingId): boolean {
    return this.#meetings.get(meeting) !== undefined;
  }

  /** Tells a router of the meeting where it is, also when that is one place. Throws ZonecastError `noRouter`. */
  setTree(router: RouterId, meeting: MeetingId, placement: MeetingPlacement): Promise<void> {
    return this.#commands.setTree(router, meeting, placement);
  }

  /**
   * Makes a place for a meeting that nobody here is in, as if somebody came, and has its router open it. @throws ZonecastError
   * `noRouter` when there is none, `noSuchMeeting` when nothing is known of the meeting, `busUnavailable`, `registryUnavailable`
   */
  async place(meeting: MeetingId): Promise<void> {
    const definition = await this.definitions.find(meeting);
    if (definition === undefined) throw new ZonecastError('noSuchMeeting', 'Nothing is known of this meeting.');
    const { placement } = await this.#placements.whole(meeting);
    if (placement.root !== null) await this.setTree(placement.root.router, meeting, placement);
  }

  /** In the name of the zone, on the meeting's routers in it; nothing when it is not here. @throws ZonecastError what they say */
  act(meeting: MeetingId, act: PersonAct): Promise<boolean> {
    return this.#zoneActs.act(meeting, act);
  }

  /** A placement has been written. */
  placed(meeting: MeetingId, placement: MeetingPlacement): void {
    this.#placements.see(meeting, placement);
  }

  /** Ends an epoch that nobody is in. Throws ZonecastError: `revisionConflict` when somebody is. */
  async closeIfEmpty(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    // Before it is closed: it may have lasted longer than the life of an unused one.
    await this.definitions.touch(meeting);
    await this.#commands.closeIfEmpty(router, meeting, epoch);
  }

  /** An operator has ended his stay by this controller, which need not be the one that his client is connected to. */
  kicked(meeting: MeetingId, participant: ParticipantId): void {
    this.#stranded.end(meeting, participant);
  }

  /** Has the meeting's routers end his stay and keep him out. Throws ZonecastError: they know nothing of him, or do not answer. */
  async remove(meeting: MeetingId, participant: ParticipantId): Promise<void> {
    await this.#rooms.everywhere(meeting, { type: 'remove', participant });
    await this.#zoneActs.act(meeting, { type: 'remove', participant });
  }

  #isAway(router: RouterId, meeting: MeetingId): boolean {
    const zone = zoneOf(router);
    // Of routers of other zones this zone knows nothing but what its own say; of the people of a lost zone, that they may come.
    if (zone !== undefined) return ['silent', 'lost'].includes(this.#world.zone(zone)?.standing ?? 'well');
    return !this.#has(router) || this.#isElsewhere(meeting, router);
  }

  #isElsewhere(meeting: MeetingId, router: RouterId): boolean {
    const placement = this.#placements.current(meeting);
    return placement !== undefined && !isOn(placement, router);
  }

  async #renewPasses(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      await this.#waitingRoom.renew();
      for (const { sessions } of [...this.#meetings.all]) await this.#rooms.renew(sessions.values());
    } catch (error) {
      this.#log.warn({ err: error }, 'passes could not be renewed');
    } finally {
      this.#isRenewing = false;
    }
  }

  async #sweepDefinitions(): Promise<void> {
    try {
      await this.definitions.sweep();
    } catch (error) {
      this.#log.warn({ err: error }, 'old meetings could not be forgotten');
    }
  }
}
