/** What people may do in a meeting and have done (docs/meeting-state.md), as one router of it tells this controller: a copy. */

import { initialState, type MeetingState } from '../../mmr/control/state/meeting-state.ts';
import type { Notice } from '../../mmr/control/state/notices.ts';
import { readChanged, readState, withChanged } from '../../mmr/control/state/state-wire.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';

/** Of a meeting of which nothing is known: open, and with nothing to say of anybody. */
const UNKNOWN = initialState({ settings: DEFAULT_SETTINGS }, 'unknown');

export class StateMirror {
  #state: MeetingState | undefined;

  /** As far as anything is known. */
  get state(): MeetingState {
    return this.#state ?? UNKNOWN;
  }

  get isKnown(): boolean {
    return this.#state !== undefined;
  }

  /** All of it. What cannot be read is not known: the router tells it itself when it knows more. */
  reset(json: string): void {
    this.#state = readState(json);
  }

  /** What has happened to the state; returns what concerns somebody at this moment. */
  change(json: string): readonly Notice[] {
    const changed = readChanged(json);
    if (changed === undefined) return [];
    // After a gap there is no state until the whole one comes.
    this.#state &&= withChanged(this.#state, changed);
    return changed.notices;
  }

  forget(): void {
    this.#state = undefined;
  }
}
