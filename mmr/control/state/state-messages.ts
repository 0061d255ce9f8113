/**
 * What the routers of a meeting tell each other of its state: plain values, carried as JSON, in order while the stream
 * between two neighbours stands. docs/meeting-state.md tells it by scenarios.
 */
import type { RouterId } from '../../../common/ids.ts';
import type { Act, Actor } from './acts.ts';
import type { Change } from './changes.ts';
import { MAX_STEP_CHANGES } from './limits.ts';
import type { MeetingStart, Stamp } from './meeting-state.ts';
import type { Notice } from './notices.ts';
import { readAct, readActor } from './read-act.ts';
import { readChange, readNotice } from './read-change.ts';
import { count, id, list, object, oneOf, qualifiedId, type Reader, text, union } from './read-fields.ts';
import { stamp, start } from './read-parts.ts';
import { REFUSAL_CODES, type Refusal } from './refusal.ts';
import { readWhole, type WholeState } from './whole-state.ts';

/** One act that has been done, and what came out of it: the state has this stamp with the changes. */
export interface Step extends Stamp {
  /** Of the act. */
  readonly id: string;
  readonly changes: readonly Change[];
  readonly notices: readonly Notice[];
}

/** Chosen by the child for each time that it begins to follow: what was said before that is void. */
interface Linked {
  readonly link: number;
}

/** Tell me all that comes after `stamp`; all, if I say none. */
export interface Follow {
  readonly stamp?: Stamp | undefined;
  /** With what the meeting begins if you have no state of it either. */
  readonly start?: MeetingStart | undefined;
  /** Mine and those below. */
  readonly routers: readonly RouterId[];
}

/** Of a child. */
export type UpMessage =
  | ({ readonly type: 'follow' } & Follow & Linked)
  | ({ readonly type: 'routers'; readonly routers: readonly RouterId[] } & Linked)
  | ({
      readonly type: 'act';
      readonly id: string;
      readonly actor: Actor;
      readonly act: Act;
      /** Milliseconds until who wanted it gives up. */
      readonly leftMs: number;
    } & Linked)
  /** What was asked for. */
  | ({ readonly type: 'copy'; readonly whole: WholeState } & Linked);

/** Of a parent. */
export type DownMessage =
  /** You are my child: follow. */
  | { readonly type: 'lead' }
  /** I have no state, you have one: tell it. */
  | ({ readonly type: 'ask' } & Linked)
  | ({ readonly type: 'whole'; readonly whole: WholeState } & Linked)
  | ({ readonly type: 'step'; readonly step: Step } & Linked)
  /** You know all that I know, if your state has this stamp now. */
  | ({ readonly type: 'synced'; readonly stamp: Stamp } & Linked)
  /** Without refusal: it is done. */
  | ({ readonly type: 'outcome'; readonly id: string; readonly refusal?: Refusal | undefined } & Linked);

export type StateMessage = UpMessage | DownMessage;

/** Of one part of the tree. */
const MAX_ROUTERS = 1_024;

const link: Reader = count;
const routers = list(MAX_ROUTERS, qualifiedId);
const step = object({
  id,
  term: id,
  version: count,
  changes: list(MAX_STEP_CHANGES, readChange),
  notices: list(MAX_STEP_CHANGES, readNotice),
});

const message = union<StateMessage['type']>({
  follow: { link, 'stamp?': stamp, 'start?': start, routers },
  routers: { link, routers },
  act: { link, id, actor: readActor, act: readAct, leftMs: count },
  copy: { link, whole: readWhole },
  lead: {},
  ask: { link },
  whole: { link, whole: readWhole },
  step: { link, step },
  synced: { link, stamp },
  outcome: { link, id, 'refusal?': object({ code: oneOf(...REFUSAL_CODES), message: text }) },
});

/** Undefined: of a type that we do not know, or not as it should be. */
export function readStateMessage(value: unknown): StateMessage | undefined {
  return message(value) as StateMessage | undefined; // as read, field by field
}
