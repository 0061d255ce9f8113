/**
 * A router as the zone sees it: who is in its meetings, the epochs it obeys, the trees it was told, and what it reports.
 * Its rules are those of mmr/control; no media flows, but who has a connection to it is known.
 */
import { ZonecastError } from '../../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { EpochTable } from '../../../mmr/control/epoch-table.ts';
import { isNewer, placesOf } from '../../../zone-controller/placement/placement-tree.ts';
import type { MeetingPlacement } from '../../../zone-controller/registry/records.ts';
import type { PlacePeople } from '../../../zone-controller/repair/people-reports.ts';
import type { SimHost } from '../common/sim-host.ts';

/** Without a connection of theirs for so long, people are out: consent (RFC 7675), but shorter. */
const CONSENT_MS = 10_000;

interface Member {
  readonly worker: number;
  /** Controller's process, and its count of attachments. */
  home: string;
  attachment: number;
  /** When he has to leave, his client being away. */
  expiresMs: number;
  seenMs: number;
}

interface RouterMeeting {
  epoch: number;
  tree: MeetingPlacement | undefined;
  readonly members: Map<ParticipantId, Member>;
}

export interface JoinOrder {
  readonly meeting: MeetingId;
  readonly epoch: number;
  readonly participant: ParticipantId;
  readonly worker: number;
  readonly home: string;
  readonly attachment: number;
}

export interface Report {
  readonly places: readonly PlacePeople[];
  readonly loads: readonly {
    readonly index: number;
    readonly participants: number;
    readonly packetsPerSecond: number;
  }[];
}

/** What the router tells. */
export interface RouterListener {
  joined(order: JoinOrder): void;
  /** To the controller that is his home. */
  left(home: string, meeting: MeetingId, participant: ParticipantId, reason: 'left' | 'taken'): void;
  /** Whether his client has a connection to this process. */
  hasMedia(participant: ParticipantId): boolean;
}

export class SimRouter {
  readonly id: RouterId;
  readonly host: SimHost;
  readonly workers: number;
  readonly #packets: number;
  readonly #listener: RouterListener;
  readonly #now: () => number;
  #epochs = new EpochTable();
  #meetings = new Map<MeetingId, RouterMeeting>();

  constructor(
    id: RouterId,
    host: SimHost,
    workers: number,
    packets: number,
    now: () => number,
    listener: RouterListener,
  ) {
    this.id = id;
    this.host = host;
    this.workers = workers;
    this.#packets = packets;
    this.#now = now;
    this.#listener = listener;
  }

  /** A new process, which knows nothing. */
  forget(): void {
    this.#epochs = new EpochTable();
    this.#meetings = new Map();
  }

  has(meeting: MeetingId, participant: ParticipantId): boolean {
    return this.#meetings.get(meeting)?.members.has(participant) ?? false;
  }

  treeOf(meeting: MeetingId): MeetingPlacement | undefined {
    return this.#meetings.get(meeting)?.tree;
  }

  get people(): number {
    let people = 0;
    for (const { members } of this.#meetings.values()) people += members.size;
    return people;
  }

  peopleIn(meeting: MeetingId): number {
    return this.#meetings.get(meeting)?.members.size ?? 0;
  }

  /** Those at a worker who have a connection there. */
  peopleAt(meeting: MeetingId, worker: number): number {
    let people = 0;
    for (const [participant, member] of this.#meetings.get(meeting)?.members ?? []) {
      if (member.worker === worker && this.#listener.hasMedia(participant)) people++;
    }
    return people;
  }

  /** Those of a controller's process. */
  homedAt(home: string): { readonly meeting: MeetingId; readonly participant: ParticipantId }[] {
    return [...this.#meetings].flatMap(([meeting, { members }]) =>
      [...members].flatMap(([participant, member]) => (member.home === home ? [{ meeting, participant }] : [])),
    );
  }

  join(order: JoinOrder): void {
    const { meeting, epoch, participant, worker, home, attachment } = order;
    const present = this.#under(meeting, epoch);
    if (present.members.has(participant)) throw new ZonecastError('badMessage', 'in the meeting already');
    this.#listener.joined(order);
    present.members.set(participant, {
      worker: worker < this.workers ? worker : 0,
      home,
      attachment,
      expiresMs: Number.POSITIVE_INFINITY,
      seenMs: this.#now(),
    });
  }

  /** The worker that he is on. */
  attach(meeting: MeetingId, epoch: number, participant: ParticipantId, home: string, attachment: number): number {
    this.#check(meeting, epoch);
    const member = this.#meetings.get(meeting)?.members.get(participant);
    if (member === undefined) throw new ZonecastError('noSuchParticipant', 'not in the meeting');
    if (member.home !== home) this.#listener.left(member.home, meeting, participant, 'taken');
    Object.assign(member, { home, attachment, expiresMs: Number.POSITIVE_INFINITY });
    return member.worker;
  }

  detach(
    meeting: MeetingId,
    epoch: number,
    participant: ParticipantId,
    home: string,
    attachment: number,
    keepMs: number,
  ): void {
    this.#check(meeting, epoch);
    const member = this.#meetings.get(meeting)?.members.get(participant);
    if (member?.home === home && member.attachment === attachment) member.expiresMs = this.#now() + keepMs;
  }

  leave(meeting: MeetingId, epoch: number, participant: ParticipantId): void {
    this.#check(meeting, epoch);
    this.#remove(meeting, participant);
  }

  /** Nobody comes any more under this epoch, whether the meeting was here or not. */
  closeIfEmpty(meeting: MeetingId, epoch: number): void {
    this.#check(meeting, epoch);
    const present = this.#meetings.get(meeting);
    if (present !== undefined && present.members.size > 0) {
      throw new ZonecastError('revisionConflict', 'somebody is in the meeting');
    }
    this.#check(meeting, epoch + 1);
    this.#meetings.delete(meeting);
  }

  setTree(meeting: MeetingId, placement: MeetingPlacement): void {
    const present = this.#under(meeting, placement.epoch);
    if (!placesOf(placement).some(({ router }) => router === this.id)) throw new Error('not in the tree');
    if (present.tree === undefined || isNewer(placement, present.tree)) present.tree = placement;
  }

  /** To be called each second. */
  handleTimeout(): void {
    const nowMs = this.#now();
    for (const [meeting, { members }] of this.#meetings) {
      for (const [participant, member] of members) {
        if (this.#listener.hasMedia(participant)) member.seenMs = nowMs;
        if (nowMs - member.seenMs > CONSENT_MS || member.expiresMs <= nowMs) this.#remove(meeting, participant);
      }
    }
  }

  report(): Report {
    const places: PlacePeople[] = [];
    const loads = Array.from({ length: this.workers }, (_, index) => ({ index, participants: 0, packetsPerSecond: 0 }));
    for (const [meeting, { members }] of this.#meetings) {
      const counts = new Map<number, number>();
      for (const { worker } of members.values()) counts.set(worker, (counts.get(worker) ?? 0) + 1);
      for (const [worker, people] of counts) {
        places.push({ meeting, worker, people });
        const load = loads[worker];
        if (load === undefined) continue;
        load.participants += people;
        load.packetsPerSecond += people * this.#packets;
      }
    }
    return { places, loads };
  }

  #check(meeting: MeetingId, epoch: number): void {
    if (this.#epochs.check(meeting, epoch) !== undefined) throw new ZonecastError('staleEpoch', 'the epoch is over');
  }

  #under(meeting: MeetingId, epoch: number): RouterMeeting {
    this.#check(meeting, epoch);
    let present = this.#meetings.get(meeting);
    if (present === undefined) {
      present = { epoch, tree: undefined, members: new Map() };
      this.#meetings.set(meeting, present);
    }
    present.epoch = Math.max(present.epoch, epoch);
    return present;
  }

  #remove(meeting: MeetingId, participant: ParticipantId): void {
    const present = this.#meetings.get(meeting);
    const member = present?.members.get(participant);
    if (present === undefined || member === undefined) return;
    present.members.delete(participant);
    this.#listener.left(member.home, meeting, participant, 'left');
  }
}
