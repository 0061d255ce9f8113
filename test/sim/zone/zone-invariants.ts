/** What must hold of a zone at every moment, whatever has failed: told of every write of a placement, and of every join. */
import type { MeetingId, RouterId } from '../../../common/ids.ts';
import { isSamePlace, type WorkerPlace } from '../../../zone-controller/placement/meeting-tree.ts';
import { isAt, isNewer, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import type { MeetingPlacement } from '../../../zone-controller/registry/records.ts';
import { Violation } from '../common/violation.ts';
import type { JoinOrder, SimRouter } from './sim-router.ts';

/** Who have come to a place since it last reported; a leader cannot know of them, and they are told to move on. */
const MOST_UNKNOWN = 2;

/** What is so, whatever anybody knows of it. */
export interface Truth {
  isRecorded(router: RouterId): boolean;
  /** The router's name and which of its processes it is. */
  processOf(router: RouterId): string;
  /** How many are at a place, and have a connection there. */
  peopleAt(meeting: MeetingId, place: WorkerPlace): number;
}

export class ZoneInvariants {
  readonly #truth: Truth;
  /** By meeting and router's process, which has closed the meeting: the epoch that has ended so. */
  readonly #closed = new Map<string, number>();
  /** Every placement that ever was, the last one last. */
  readonly #history = new Map<MeetingId, MeetingPlacement[]>();
  writes = 0;
  joins = 0;

  constructor(truth: Truth) {
    this.#truth = truth;
  }

  current(meeting: MeetingId): MeetingPlacement | undefined {
    return this.#history.get(meeting)?.at(-1);
  }

  get meetings(): Iterable<[MeetingId, MeetingPlacement]> {
    return [...this.#history].map(([meeting, all]) => [meeting, all.at(-1) as MeetingPlacement]);
  }

  placed(meeting: MeetingId, placement: MeetingPlacement): void {
    this.writes++;
    const history = this.#history.get(meeting) ?? [];
    const before = history.at(-1);
    this.#history.set(meeting, history);
    history.push(placement);
    const about = `${meeting}: ${JSON.stringify(before)} -> ${JSON.stringify(placement)}`;
    checkTree(placement, about);
    if (before === undefined) return;
    if (!isNewer(placement, before)) throw new Violation(`neither epoch nor version grows, ${about}`);
    for (const place of placesOf(before)) {
      if (isAt(placement, place) || !this.#truth.isRecorded(place.router)) continue;
      if (placement.root === null)
        this.#closed.set(`${meeting} ${this.#truth.processOf(place.router)}`, placement.epoch);
      const people = this.#truth.peopleAt(meeting, place);
      if (people > MOST_UNKNOWN) throw new Violation(`${people} people lose their place, ${about}`);
    }
    if (placement.epoch !== before.epoch || placement.root === null) return;
    if (before.root === null) throw new Violation(`placed again under the same epoch, ${about}`);
    if (!isSamePlace(placement.root, before.root)) throw new Violation(`two roots in one epoch, ${about}`);
    for (const place of placesOf(before)) {
      if (!isAt(placement, place)) throw new Violation(`a place goes within an epoch, ${about}`);
    }
  }

  /** A router lets somebody in: it must have been given the meeting under that epoch. */
  joined({ id, host }: SimRouter, { meeting, epoch, worker }: JoinOrder): void {
    this.joins++;
    if ((this.#closed.get(`${meeting} ${id}#${host.incarnation}`) ?? 0) >= epoch) {
      throw new Violation(`${id} lets somebody into ${meeting} under epoch ${epoch}, which has ended`);
    }
    const given = this.#history
      .get(meeting)
      ?.some((placement) => placement.epoch === epoch && isAt(placement, { router: id, worker }));
    if (!given)
      throw new Violation(`${id}/${worker} lets somebody into ${meeting} under epoch ${epoch}, which it never had`);
  }
}

function checkTree(placement: MeetingPlacement, about: string): void {
  const places = placesOf(placement);
  const names = new Set(places.map(({ router, worker }) => `${router}/${worker}`));
  if (names.size !== places.length) throw new Violation(`a worker twice, ${about}`);
  for (const [index, { parent }] of places.entries()) {
    if (index > 0 && !(parent !== undefined && parent < index)) throw new Violation(`no tree, ${about}`);
  }
  for (const place of placement.leaving) {
    if (!isAt(placement, place)) throw new Violation(`leaving where it is not, ${about}`);
  }
  const staying = places.filter((place) => !placement.leaving.some((leaving) => isSamePlace(leaving, place)));
  if (places.length > 0 && staying.length === 0) throw new Violation(`nowhere to go to, ${about}`);
}
