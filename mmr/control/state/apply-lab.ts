/** For tests: states of a meeting in which acts are applied one after the other. */
import type { MeetingId, ParticipantId, RouterId } from '../../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../../proto/meeting-settings.ts';
import type { Act, Actor } from './acts.ts';
import { apply, type Outcome } from './apply.ts';
import { initialState, type MeetingState, type Role, type Settings } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import type { RefusalCode } from './refusal.ts';

export const id = (name: string): ParticipantId => name as ParticipantId;
export const meetingId = (name: string): MeetingId => name as MeetingId;
export const ROUTER = 'r' as RouterId;

export class ApplyLab {
  state: MeetingState;
  notices: Notice[] = [];
  unixMs = 1_700_000_000_000;

  constructor(settings: Partial<Settings> = {}, main?: MeetingId) {
    this.state = initialState({ settings: { ...DEFAULT_SETTINGS, ...settings }, main }, 't.1');
  }

  /** ann is the host, cora a co-host, pat and quinn are participants. */
  static meeting(settings: Partial<Settings> = {}): ApplyLab {
    const lab = new ApplyLab();
    lab.join('ann', 'host').join('cora', 'cohost').join('pat').join('quinn');
    lab.state = { ...lab.state, settings: { ...lab.state.settings, ...settings } };
    return lab;
  }

  join(name: string, role: Role = 'participant', returning = false, router = ROUTER): this {
    const newcomer = { participant: id(name), name, role, controller: 'c' };
    this.try('router', { type: 'join', ...newcomer, router, returning });
    return this;
  }

  leave(...names: string[]): this {
    return this.do('router', { type: 'leave', router: ROUTER, participants: names.map(id) });
  }

  /** It has to be possible. */
  do(actor: string, act: Act): this {
    const outcome = this.outcome(actor, act);
    if ('refusal' in outcome) throw new Error(outcome.refusal.message);
    this.state = outcome.state;
    this.notices = [...outcome.notices];
    return this;
  }

  /** 'done', or why not. */
  try(actor: string, act: Act): RefusalCode | 'done' {
    const outcome = this.outcome(actor, act);
    if ('refusal' in outcome) return outcome.refusal.code;
    this.state = outcome.state;
    this.notices = [...outcome.notices];
    return 'done';
  }

  outcome(name: string, act: Act): Outcome {
    const actor: Actor = name === 'operator' || name === 'router' ? name : { participant: id(name) };
    const version = this.state.version + 1;
    return apply(this.state, act, {
      id: `act.${version}`,
      actor,
      unixMs: this.unixMs,
      stamp: { term: 't.1', version },
    });
  }

  role(name: string): Role | undefined {
    return this.state.people.get(id(name))?.role;
  }

  get people(): string[] {
    return [...this.state.people.keys()];
  }

  get waiting(): string[] {
    return [...this.state.waiting.keys()];
  }
}
