/**
 * A meeting on one router, as far as people of this controller are there: who they are, what is theirs alone, who speaks.
 * A snapshot begins it, what changes follows. Also waits for those whom the router is asked to let in.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { EncodingEntry, SlotEntry, SourceKind } from '../../proto/signalling.ts';
import type { MeetingAt } from './router-commands.ts';
import { StateMirror } from './state-mirror.ts';

/** For the router's event stream to tell what the router has answered already. */
const HOMED_MS = 5_000;
const RETRY_MS = 1_000;

export interface SourceEncodings {
  readonly source: SourceKind;
  /** All of that source. */
  readonly encodings: EncodingEntry[];
}

/** Somebody whose home this controller is, and what is his alone. */
export interface HomedParticipant {
  readonly participant: ParticipantId;
  readonly attachment: number;
  /** Which of his connections there slots and encodings are of: 0, or as it was called when it was opened. */
  readonly connection: number;
  readonly slots: readonly SlotEntry[];
  readonly encodings: readonly SourceEncodings[];
  /** He was let in with sound only. */
  readonly audioOnly: boolean;
}

interface Homed {
  readonly attachment: number;
  readonly connection: number;
  readonly audioOnly: boolean;
  readonly slots: Map<string, SlotEntry>;
  readonly encodings: Map<SourceKind, EncodingEntry[]>;
}

/** Somebody whom the router is asked to let in or to hand over. */
interface Awaited extends PromiseWithResolvers<void> {
  readonly come: () => void;
  /** This one of his; undefined: whichever. */
  readonly connection: number | undefined;
}

/** Of what is awaited, beyond the answer. */
export interface Awaiting<Answer> {
  /** Run at the moment when the router's events tell about him. */
  readonly come?: () => void;
  /** That they are to tell of this connection. */
  readonly connection?: number;
  /** By that answer he is to wait: no events follow. */
  readonly waits?: (answer: Answer) => boolean;
}

export class PlaceMirror implements MeetingAt {
  readonly meeting: MeetingId;
  readonly router: RouterId;
  /** Of the placement that is known; commands go under it. */
  epoch: number;
  /** Who speaks now, the dominant speaker first; nobody in silence. */
  speakers: readonly ParticipantId[] = [];
  /** What this router says of who may do what and has done it. */
  readonly state = new StateMirror();
  /** Those of this controller who wait there to be let in. */
  readonly waiting = new Set<ParticipantId>();
  readonly #homed = new Map<ParticipantId, Homed>();
  readonly #awaited = new Map<ParticipantId, Set<Awaited>>();
  /** Of the router's roster; undefined while nothing is known. */
  #version: number | undefined;
  #isOver = false;

  constructor(meeting: MeetingId, router: RouterId, epoch: number) {
    this.meeting = meeting;
    this.router = router;
    this.epoch = epoch;
  }

  /** The router has lost the meeting, or it is not there any more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nobody there is with this controller, or about to be. */
  get isUnused(): boolean {
    return this.#awaited.size === 0 && this.#homed.size === 0 && this.waiting.size === 0;
  }

  /** Those whose home this controller is, with the attachment that made it that. */
  get homed(): ReadonlyMap<ParticipantId, { readonly attachment: number; readonly connection: number }> {
    return this.#homed;
  }

  /** Everything is as this snapshot says. */
  reset(version: number, homed: readonly HomedParticipant[]): void {
    this.#version = version;
    this.#homed.clear();
    for (const each of homed) this.home(each);
  }

  /** Nobody's home is here: the router tells no more of the meeting than those who wait may know. */
  forget(): void {
    this.#homed.clear();
    this.#version = undefined;
    this.speakers = [];
    if (this.waiting.size === 0) this.state.forget();
  }

  /** False when nothing is known that the roster's change could be a change of. */
  advance(version: number): boolean {
    if (this.#version === undefined || version <= this.#version) return false;
    this.#version = version;
    return true;
  }

  get isKnown(): boolean {
    return this.#version !== undefined;
  }

  /** This controller is his home. */
  home({ participant, attachment, connection, slots, encodings, audioOnly }: HomedParticipant): void {
    this.#homed.set(participant, {
      attachment,
      connection,
      audioOnly,
      slots: new Map(slots.map((slot) => [slot.mid, slot])),
      encodings: new Map(encodings.map(({ source, encodings: each }) => [source, each])),
    });
  }

  /** This controller is not his home any more. Without anybody, the router tells nothing more of the meeting. */
  unhome(participant: ParticipantId): void {
    this.#homed.delete(participant);
    if (this.#homed.size === 0) this.forget();
  }

  /** Whether there was room for sound only when he was let in. */
  isAudioOnly(participant: ParticipantId): boolean {
    return this.#homed.get(participant)?.audioOnly ?? false;
  }

  setSlots(participant: ParticipantId, slots: readonly SlotEntry[]): void {
    for (const slot of slots) this.#homed.get(participant)?.slots.set(slot.mid, slot);
  }

  setEncodings(participant: ParticipantId, { source, encodings }: SourceEncodings): void {
    this.#homed.get(participant)?.encodings.set(source, encodings);
  }

  /** The slots of one participant that carry something. */
  slotsOf(participant: ParticipantId): SlotEntry[] {
    const slots = this.#homed.get(participant)?.slots.values() ?? [];
    return [...slots].filter((slot) => slot.participant !== undefined);
  }

  /** Which encodings of a participant's own sources anybody needs, as far as the router has said so. */
  encodingsOf(participant: ParticipantId): SourceEncodings[] {
    const encodings = this.#homed.get(participant)?.encodings ?? [];
    return [...encodings].map(([source, each]) => ({ source, encodings: each }));
  }

  /**
   * Runs `ask`, by which the router lets a participant in or hands him over, and resolves with its answer when the
   * router's events have told all about him. When they do not, or there is no answer, `undo` is run: it may have happened. Throws
   * ZonecastError: that of `ask`, `meetingLost` or `noRouter`.
   */
  async entering<Answer>(
    participant: ParticipantId,
    ask: () => Promise<Answer>,
    undo: () => void,
    { come = () => undefined, connection, waits = () => false }: Awaiting<Answer> = {},
  ): Promise<Answer> {
    const awaited: Awaited = { ...Promise.withResolvers<void>(), come, connection };
    // It may fail while `ask` is still under way, when nobody listens to it yet.
    awaited.promise.catch(() => undefined);
    const all = this.#awaited.get(participant) ?? new Set();
    this.#awaited.set(participant, all.add(awaited));
    let timer: NodeJS.Timeout | undefined;
    try {
      const answer = await ask();
      if (waits(answer)) return answer;
      timer = setTimeout(() => awaited.reject(unanswered()), HOMED_MS);
      await awaited.promise;
      return answer;
    } catch (error) {
      const isRefusal = error instanceof ZonecastError && error.code !== 'noRouter' && error.code !== 'meetingLost';
      if (!isRefusal) undo();
      throw error;
    } finally {
      clearTimeout(timer);
      all.delete(awaited);
      if (all.size === 0) this.#awaited.delete(participant);
    }
  }

  /** Whether the router is being asked about him. */
  isEntering(participant: ParticipantId): boolean {
    return this.#awaited.has(participant);
  }

  /** The router's events have told that this controller is their home. */
  entered(participants: Iterable<ParticipantId>): void {
    for (const participant of participants) {
      const present = this.#homed.get(participant)?.connection;
      for (const { come, connection = present, resolve } of this.#awaited.get(participant) ?? []) {
        if (connection !== present) continue;
        come();
        resolve();
      }
    }
  }

  /** He is out before he was quite in. */
  refuse(participant: ParticipantId): void {
    for (const awaited of this.#awaited.get(participant) ?? []) awaited.reject(interrupted());
  }

  /** Those who are still entering are told that it was interrupted. */
  close(): void {
    this.#isOver = true;
    this.forget();
    for (const participant of this.#awaited.keys()) this.refuse(participant);
  }
}

function unanswered(): ZonecastError {
  const message = 'The server that carries this meeting does not answer.';
  return new ZonecastError('noRouter', message, { retryAfterMs: RETRY_MS });
}

export function interrupted(): ZonecastError {
  return new ZonecastError('meetingLost', 'The meeting was interrupted. Join again.', { retryAfterMs: RETRY_MS });
}
