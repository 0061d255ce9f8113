/**
 * All that a controller does about meetings, put together: who may come in, where each meeting is, what its routers are
 * told, and what they tell.
 */
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { CreatedMeeting } from '../../proto/signalling.ts';
import type { ControllerMetrics } from '../admin/controller-metrics.ts';
import type { ZoneLimits, ZoneTimes } from '../limits/zone-limits.ts';
import { isOn } from '../placement/placement-tree.ts';
import { Placements } from '../placement/placements.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import { tryLater } from '../registry/try-later.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import { Admission } from './admission.ts';
import { Definitions } from './definitions.ts';
import { Entrance } from './entrance.ts';
import { LiveMeetings } from './live-meetings.ts';
import { MeetingPlaces } from './meeting-places.ts';
import { MeetingService } from './meeting-service.ts';
import { MoveWishes } from './move-wishes.ts';
import { Moves } from './moves.ts';
import { RouterCommands } from './router-commands.ts';
import { RouterEvents } from './router-events.ts';
import { SessionTokens } from './session-tokens.ts';
import { Stranded } from './stranded.ts';
import { TreeSender } from './tree-sender.ts';
import { Upgrades } from './upgrades.ts';

/** Between two looks for meetings whose time is over. */
const SWEEP_MS = 10 * 60_000;

export interface ZoneMeetingsOptions {
  readonly zone: ZoneId;
  /** Of this controller's process. */
  readonly instance: string;
  readonly registry: ControllerRegistry;
  readonly directory: RouterDirectory;
  /** URLs of the zone's other controllers. */
  readonly otherControllers: () => string[];
  readonly limits: ZoneLimits;
  readonly times: ZoneTimes;
  readonly metrics: Pick<ControllerMetrics, 'placing' | 'moved'>;
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
  readonly #log: Logger;
  readonly #definitions: Definitions;
  readonly #placements: Placements;
  readonly #places: MeetingPlaces;
  readonly #commands: RouterCommands;
  readonly #wishes: MoveWishes;
  readonly #stranded: Stranded;
  readonly #upgrades: Upgrades;
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: ZoneMeetingsOptions) {
    const { zone, instance, registry, directory, otherControllers, limits, times, metrics, now, log } = options;
    const { records, mirror, operators } = registry;
    const has = (router: RouterId): boolean => directory.has(router);
    const isSilent = (router: RouterId): boolean => directory.isSilent(router);
    const tell = (command: Promise<unknown>): void => {
      // Whatever a router still holds, its own consent checks free.
      command.catch((error: unknown) => log.warn({ err: error }, 'a router did not take a command'));
    };
    this.#log = log;
    // Two circles, closed by functions that are not called before all is made: a live meeting asks where it is placed,
    // which depends on who is in it; and a new placement is told to the places, which ask for placements themselves.
    const meetings = new LiveMeetings((router, meeting) => !has(router) || this.#isElsewhere(meeting, router));
    const placements = new Placements({
      records,
      mirror,
      routers: directory,
      people: (meeting) => meetings.get(meeting)?.roster.people ?? new Map(),
      changed: (meeting, placement) => this.#places.changed(meeting, placement),
      measure: (decide) => metrics.placing(decide),
      log,
    });
    this.#placements = placements;

    const definitions = new Definitions({
      records,
      mirror,
      capacity: limits.definitions,
      lifeMs: times.definitionMs,
      live: meetings,
    });
    this.#definitions = definitions;
    const tokens = new SessionTokens(zone);
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
    const moves = new Moves({ entrance, moved: (reason, error) => metrics.moved(reason, error), log });
    const known = mirror.placements;
    const places = new MeetingPlaces({ meetings, placements, trees, moves, known, has, isSilent, log });
    this.#places = places;
    this.#upgrades = new Upgrades({ meetings, placements, moves, now });
    const lostForMs = (router: RouterId): number | undefined => directory.lostForMs(router);
    const stranded = new Stranded({ meetings, placements, commands, lostForMs });
    this.#stranded = stranded;
    const wishes = new MoveWishes({ records, operators, meetings, moves, log });
    this.#wishes = wishes;
    this.service = new MeetingService({
      meetings,
      definitions,
      admission: new Admission(definitions, limits, now),
      placements,
      places,
      entrance,
      moves,
      stranded,
      wishes,
      commands,
      tell,
      tokens,
      controllers: otherControllers,
      log,
    });
    this.events = new RouterEvents({ meetings, service: this.service, places, moves, stranded });
  }

  start(): void {
    this.#wishes.start();
    this.#upgrades.start();
    this.#sweep = setInterval(() => void this.#sweepDefinitions(), SWEEP_MS);
  }

  /** Ends all sessions. Media is left running. */
  close(): void {
    clearInterval(this.#sweep);
    this.#upgrades.close();
    this.service.close();
  }

  /**
   * Makes a meeting whose link begins with `url`. `permanent`: kept as long as the registry. Throws ZonecastError
   * `noRouter` when there are too many, or the registry is away.
   */
  async create(url: string, permanent: boolean): Promise<CreatedMeeting> {
    const { meeting, passcode, hostKey } = await tryLater(this.#definitions.create(permanent));
    const fragment = new URLSearchParams({ meeting, passcode });
    return { meeting, passcode, hostKey, link: `${url}/#${fragment}` };
  }

  /** The registry's mirror shows this placement now; undefined: it is gone, or cannot be read. */
  mirrored(meeting: MeetingId, placement: MeetingPlacement | undefined): void {
    this.#placements.mirrored(meeting, placement);
  }

  /** A placement has been written. */
  placed(meeting: MeetingId, placement: MeetingPlacement): void {
    this.#placements.see(meeting, placement);
  }

  /** Ends an epoch that nobody is in. Throws ZonecastError: `revisionConflict` when somebody is. */
  async closeIfEmpty(router: RouterId, meeting: MeetingId, epoch: number): Promise<void> {
    // Before it is closed: it may have lasted longer than the life of an unused one.
    await this.#definitions.touch(meeting);
    await this.#commands.closeIfEmpty(router, meeting, epoch);
  }

  /** An operator has ended his stay by this controller, which need not be the one that his client is connected to. */
  kicked(participant: ParticipantId): void {
    this.#stranded.end(participant);
  }

  #isElsewhere(meeting: MeetingId, router: RouterId): boolean {
    const placement = this.#placements.current(meeting);
    return placement !== undefined && !isOn(placement, router);
  }

  async #sweepDefinitions(): Promise<void> {
    try {
      await this.#definitions.sweep();
    } catch (error) {
      this.#log.warn({ err: error }, 'old meetings could not be forgotten');
    }
  }
}
