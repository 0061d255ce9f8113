/** What a worker last said of one meeting: for controllers that hear of it later. State only, as events replace it. */
import type { ParticipantId } from '../../common/ids.ts';
import type { ConnectionQuality, SlotAssignment, SourceKind } from '../media/negotiated.ts';
import type { WorkerEvent } from './worker-pool.ts';

type EncodingsEvent = Extract<WorkerEvent, { readonly type: 'encodings' }>;

/** Of one participant. */
interface Remembered {
  /** Of his connections, that which slots and encodings are of. */
  connection: number;
  readonly slots: Map<string, SlotAssignment>;
  readonly encodings: Map<SourceKind, EncodingsEvent>;
  quality: ConnectionQuality | undefined;
}

export class MeetingMemory {
  readonly #participants = new Map<ParticipantId, Remembered>();
  #speakers: readonly ParticipantId[] = [];

  /** Who speaks, the dominant speaker first. */
  get speakers(): readonly ParticipantId[] {
    return this.#speakers;
  }

  get qualities(): ConnectionQuality[] {
    return [...this.#participants.values()].flatMap(({ quality }) => quality ?? []);
  }

  /** The slots of a participant that carry something. */
  slotsOf(participant: ParticipantId): SlotAssignment[] {
    const slots = this.#participants.get(participant)?.slots.values() ?? [];
    return [...slots].filter((slot) => slot.participant !== undefined);
  }

  /** Of each of his sources, what was last said. */
  encodingsOf(participant: ParticipantId): EncodingsEvent[] {
    return [...(this.#participants.get(participant)?.encodings.values() ?? [])];
  }

  connectionOf(participant: ParticipantId): number {
    return this.#participants.get(participant)?.connection ?? 0;
  }

  /** Until `forget`, what is said about him is kept. */
  add(participant: ParticipantId): void {
    this.#participants.set(participant, { connection: 0, slots: new Map(), encodings: new Map(), quality: undefined });
  }

  /** What is said from now on is said of another connection of his. */
  startAgain(participant: ParticipantId, connection: number, slots: readonly SlotAssignment[]): void {
    const { quality } = this.#participants.get(participant) ?? {};
    const assigned = new Map(slots.map((slot) => [slot.mid, slot]));
    this.#participants.set(participant, { connection, slots: assigned, encodings: new Map(), quality });
  }

  forget(participant: ParticipantId): void {
    this.#participants.delete(participant);
    this.#speakers = this.#speakers.filter((speaker) => speaker !== participant);
  }

  apply(event: WorkerEvent): void {
    switch (event.type) {
      case 'slots':
        for (const slot of event.slots) this.#participants.get(event.participant)?.slots.set(slot.mid, slot);
        break;
      case 'encodings':
        this.#participants.get(event.participant)?.encodings.set(event.source, event);
        break;
      case 'speakers':
        this.#speakers = event.speakers;
        break;
      case 'quality':
        for (const quality of event.qualities) {
          const remembered = this.#participants.get(quality.participant as ParticipantId); // it has its ids from us
          if (remembered !== undefined) remembered.quality = quality;
        }
        break;
    }
  }
}
