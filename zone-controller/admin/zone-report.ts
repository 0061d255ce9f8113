/** What a zone looks like at this moment, in the words of `proto/admin.proto`: from mirrors, and questions to routers. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import { VERSION } from '../../common/version.ts';
import type { ListMeetingsReply } from '../../proto/gen/zonecast/admin/v1/ListMeetingsReply.ts';
import type { ListParticipantsReply } from '../../proto/gen/zonecast/admin/v1/ListParticipantsReply.ts';
import type { ListRoutersReply } from '../../proto/gen/zonecast/admin/v1/ListRoutersReply.ts';
import type { Participant } from '../../proto/gen/zonecast/admin/v1/Participant.ts';
import type { Place } from '../../proto/gen/zonecast/admin/v1/Place.ts';
import type { Router } from '../../proto/gen/zonecast/admin/v1/Router.ts';
import type { StatusReply } from '../../proto/gen/zonecast/admin/v1/StatusReply.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { OperatorMirror } from '../registry/operator-mirror.ts';
import type { MeetingPlacement } from '../registry/records.ts';
import type { RouterDirectory, RouterView } from '../routers/router-directory.ts';
import { type PageRequest, pageOf } from './paging.ts';
import { type Descriptions, describe, placesIn } from './router-questions.ts';
import { stateOf, toRouter } from './router-report.ts';
import type { TunnelReport } from './tunnel-report.ts';

export interface ZoneReportOptions {
  readonly zone: ZoneId;
  /** Name of this controller. */
  readonly controller: string;
  readonly registry: ControllerRegistry;
  readonly operators: OperatorMirror;
  readonly directory: RouterDirectory;
  readonly tunnels: Pick<TunnelReport, 'states' | 'warnings'>;
  readonly readinessProblems: () => string[];
}

export class ZoneReport {
  readonly #options: ZoneReportOptions;

  constructor(options: ZoneReportOptions) {
    this.#options = options;
  }

  status(): StatusReply {
    const { zone, controller, registry, operators, directory, tunnels, readinessProblems } = this.#options;
    const { definitions, isListed } = registry.mirror;
    const loads = directory.all.flatMap(({ load }) => load?.workers ?? []);
    return {
      zone,
      release: VERSION,
      controller,
      controllers: [...operators.controllers]
        .map(([name, { address, release, startedMs }]) => ({ name, address, release, startedMs }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
      leader: operators.leader ?? '',
      registry: { available: registry.keys.isAlive, read: isListed, malformed: registry.records.malformed },
      totals: {
        routers: this.routerStates(),
        workers: sum(directory.all, ({ record }) => record.workers),
        meetings: definitions.size,
        liveMeetings: this.liveMeetings,
        participants: sum(loads, ({ participants }) => participants),
        packetsPerSecond: sum(loads, (load) => load.ingressPacketsPerSecond + load.egressPacketsPerSecond),
        tunnels: tunnels.states(),
      },
      problems: readinessProblems(),
      warnings: tunnels.warnings(),
    };
  }

  /** How many meetings are on routers. */
  get liveMeetings(): number {
    return [...this.#placed()].length;
  }

  /** How many routers are in each state. */
  routerStates(): Record<string, number> {
    const states: Record<string, number> = {};
    for (const view of this.#options.directory.all) {
      const state = this.#stateOf(view);
      states[state] = (states[state] ?? 0) + 1;
    }
    return states;
  }

  /** `router`: only this one; empty: all. @throws ZonecastError `noSuchRouter` */
  routers(router: string, request: PageRequest): ListRoutersReply {
    const { directory } = this.#options;
    if (router !== '') return { routers: [this.#toRouter(this.router(router))], nextPageToken: '' };
    const { items, nextPageToken } = pageOf(directory.all, (view) => view.router, request);
    return { routers: items.map((view) => this.#toRouter(view)), nextPageToken };
  }

  /** @throws ZonecastError `noSuchRouter` */
  router(router: string): RouterView {
    const view = this.#options.directory.get(router as RouterId); // a key to look for
    if (view !== undefined) return view;
    throw new ZonecastError('noSuchRouter', `There is no router "${router}".`);
  }

  /** `router`: only those with a place there; empty: all. */
  async meetings(router: string, request: PageRequest): Promise<ListMeetingsReply> {
    const there = [...this.#placed()].filter(
      ([, placement]) => router === '' || placesIn(placement).some((place) => place.router === router),
    );
    const { items, nextPageToken } = pageOf(there, ([meeting]) => meeting, request);
    const answers = await describe(this.#options.directory, new Map(items), false);
    const meetings = items.map(([meeting, placement]) => {
      const places = toPlaces(meeting, placement, answers);
      return { meeting, epoch: placement.epoch, places, participants: sum(places, (place) => place.participants ?? 0) };
    });
    return { meetings, nextPageToken };
  }

  /** @throws ZonecastError `noSuchMeeting` */
  async participants(meeting: string, request: PageRequest): Promise<ListParticipantsReply> {
    const placement = this.placement(meeting);
    const { people, silent } = await this.people(meeting as MeetingId, placement);
    const { items, nextPageToken } = pageOf(people, keyOf, request);
    return { participants: items, nextPageToken, silent };
  }

  /** Where a meeting is. @throws ZonecastError `noSuchMeeting` when it is nowhere */
  placement(meeting: string): MeetingPlacement {
    const placement = this.#options.registry.mirror.placements.get(meeting as MeetingId); // a key to look for
    if (placement != null && placement.root !== null) return placement;
    throw new ZonecastError('noSuchMeeting', `Nobody is in a meeting "${meeting}".`);
  }

  /** Everybody whose media is on a router of the meeting; during a move somebody is on two. */
  async people(
    meeting: MeetingId,
    placement: MeetingPlacement,
  ): Promise<{ readonly people: Participant[]; readonly silent: RouterId[] }> {
    const answers = await describe(this.#options.directory, new Map([[meeting, placement]]), true);
    const routers = [...new Set(placesIn(placement).map(({ router }) => router))];
    const silent = routers.filter((router) => answers.of(router, meeting) === undefined);
    return { people: routers.flatMap((router) => peopleOn(router, meeting, placement, answers)), silent };
  }

  *#placed(): Generator<[MeetingId, MeetingPlacement]> {
    for (const [meeting, placement] of this.#options.registry.mirror.placements) {
      if (placement.root !== null) yield [meeting, placement];
    }
  }

  #toRouter(view: RouterView): Router {
    const { directory, operators } = this.#options;
    const drain = operators.drains.get(view.router);
    return toRouter(view, { capacity: directory.capacity, nowMs: directory.nowMs, drain });
  }

  #stateOf(view: RouterView): string {
    const { directory, operators } = this.#options;
    return stateOf(view, directory.capacity, operators.drains.has(view.router));
  }
}

export function toPlaces(meeting: MeetingId, placement: MeetingPlacement, answers: Descriptions): Place[] {
  const counted = new Set<RouterId>();
  return placesIn(placement).map(({ router, worker }) => {
    const participants = counted.has(router) ? undefined : answers.peopleOn(router, meeting);
    counted.add(router);
    return { router, worker, participants } as Place; // absent and undefined are the same on the wire
  });
}

function peopleOn(
  router: RouterId,
  meeting: MeetingId,
  placement: MeetingPlacement,
  answers: Descriptions,
): Participant[] {
  const description = answers.of(router, meeting);
  if (description === undefined || description === 'notThere') return [];
  const [place, another] = placesIn(placement).filter((each) => each.router === router);
  const worker = another === undefined ? place?.worker : undefined;
  const qualities = new Map(description.qualities.map((quality) => [quality.participant, quality]));
  return description.roster.map(({ participant, name, live, connected }) => {
    const { uplink, downlink } = qualities.get(participant) ?? {};
    return { participant, name, router, worker, sources: live, connected, uplink, downlink } as Participant;
  });
}

function keyOf({ participant, router }: Participant): string {
  return `${participant} ${router}`;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
