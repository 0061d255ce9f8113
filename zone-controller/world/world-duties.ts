/** What a controller does for the world: tells routers of other zones, and, while it leads, others of this zone. */

import type { Bus } from '../../bus/bus.ts';
import type { MeetingId, RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { STATUS_PERIOD_MS } from '../../global-controller/zones/zone-status.ts';
import type { BusWorld } from './bus-world.ts';
import { DefinitionAnswers } from './definition-calls.ts';
import { LinkSender } from './link-sender.ts';
import { MeetingRequestAnswers } from './meeting-requests.ts';
import { RoomActAnswers } from './room-acts.ts';
import { TrustSender } from './trust-sender.ts';
import type { ZoneSide } from './zone-side.ts';
import { ZoneVoice } from './zone-voice.ts';

/** What changes together is told together. */
const SOON_MS = 20;

export interface WorldDutiesOptions {
  readonly world: BusWorld;
  readonly zone: ZoneSide;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly log: Logger;
}

export class WorldDuties {
  readonly #options: WorldDutiesOptions;
  readonly #trust: TrustSender;
  readonly #links: LinkSender;
  #bus: Bus | undefined;
  #answers: DefinitionAnswers | undefined;
  #roomActs: RoomActAnswers | undefined;
  #requests: MeetingRequestAnswers | undefined;
  #voice: ZoneVoice | undefined;
  #tick: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: WorldDutiesOptions) {
    this.#options = options;
    const { world, zone, log } = options;
    const { own, counts } = world;
    this.#trust = new TrustSender({ own, zone, log });
    this.#links = new LinkSender({
      own,
      zone,
      treeOf: (meeting) => world.records.meetings.get(meeting)?.tree,
      presenceOf: (other, meeting) => world.presenceIn(other, meeting),
      counts,
      log,
    });
    world.onChange(() => this.#worldChanged());
  }

  start(bus: Bus): void {
    this.#bus = bus;
    this.#answers = new DefinitionAnswers({ ...this.#options, bus });
    this.#roomActs = new RoomActAnswers({ ...this.#options, bus });
    const { world, zone } = this.#options;
    this.#requests = new MeetingRequestAnswers(bus, world.own, zone);
    this.#tick = setInterval(() => this.#run(), STATUS_PERIOD_MS);
  }

  /** A router's events flow; it may be another process than before. */
  subscribed(router: RouterId): void {
    this.#trust.subscribed(router);
    this.#links.subscribed(router);
    this.#runSoon();
  }

  lost(router: RouterId): void {
    this.#trust.lost(router);
  }

  /** Where a meeting is in this zone has changed. */
  placed(meeting: MeetingId): void {
    this.#voice?.placed(meeting);
    this.linksChanged(meeting);
  }

  /** Between which zones a meeting is has changed. */
  treeChanged(meeting: MeetingId): void {
    this.#voice?.treeChanged(meeting);
    this.linksChanged(meeting);
  }

  /** How many people are in a meeting has changed. */
  peopled(meeting: MeetingId): void {
    this.#voice?.placed(meeting);
  }

  /** Where a meeting is in other zones has changed. */
  linksChanged(meeting: MeetingId): void {
    this.#links.mark(meeting);
    this.#runSoon();
  }

  /** A meeting exists, has changed, or is gone. */
  defined(meeting: MeetingId, exists: boolean): void {
    this.#options.world.ids.defined(meeting, exists);
    this.#voice?.defined(meeting);
  }

  /** Before the bus is closed. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#tick);
    clearTimeout(this.#soon);
    this.#soon = undefined;
    this.#answers?.close();
    this.#roomActs?.close();
    this.#requests?.close();
    this.#voice?.close();
    this.#voice = undefined;
  }

  #run(): void {
    const { zone, world } = this.#options;
    const isLeader = zone.isLeader();
    if (isLeader && this.#voice === undefined && this.#bus !== undefined) {
      this.#voice = new ZoneVoice({ ...this.#options, bus: this.#bus });
    } else if (!isLeader) {
      this.#voice?.close();
      this.#voice = undefined;
    }
    this.#voice?.tick();
    // Of a meeting that somebody has come to here this controller tells from now on.
    for (const { meeting, tree } of world.records.meetings.all()) if (tree !== undefined) this.#links.mark(meeting);
    this.#trust.run();
    void this.#links.run();
  }

  #runSoon(): void {
    if (this.#isClosed) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#links.run();
    }, SOON_MS);
  }

  #worldChanged(): void {
    const { directory } = this.#options.world;
    if (directory !== undefined) this.#trust.set(directory);
    this.#voice?.policyChanged();
  }
}
