/** What the slots of one media connection carry, as the server says. */
import type { SlotEntry, SourceKind } from '../../proto/signalling.ts';

export interface SlotContent {
  participant: string;
  kind: SourceKind;
  /** True: our bandwidth does not allow this picture now, it stands still. */
  suspended: boolean;
}

export class SlotContents {
  /** By mid; a slot that carries nothing is not in it. */
  readonly #contents = new Map<string, SlotContent>();

  /** The slots that changed. */
  apply(entries: readonly SlotEntry[]): void {
    for (const { mid, participant, kind, suspended = false } of entries) {
      if (participant === undefined || participant === '' || kind === undefined) this.#contents.delete(mid);
      else this.#contents.set(mid, { participant, kind, suspended });
    }
  }

  /** All slots anew: one that is not named carries nothing. */
  reset(entries: readonly SlotEntry[]): void {
    this.#contents.clear();
    this.apply(entries);
  }

  /** Somebody has left. */
  forget(participant: string): void {
    for (const [mid, content] of this.#contents) if (content.participant === participant) this.#contents.delete(mid);
  }

  get(mid: string): SlotContent | undefined {
    return this.#contents.get(mid);
  }

  /** The mid of the slot that carries a source now. */
  slotOf(participant: string, kind: SourceKind): string | undefined {
    for (const [mid, content] of this.#contents) {
      if (content.participant === participant && content.kind === kind) return mid;
    }
    return undefined;
  }

  /** Slots in which a picture moves. */
  get pictures(): [mid: string, content: SlotContent][] {
    return [...this.#contents].filter(([, { kind, suspended }]) => kind !== 'microphone' && !suspended);
  }
}
