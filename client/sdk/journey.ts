/**
 * From the meeting to a breakout room and back: each is a meeting of its own, with a session of its own, and the same
 * devices. We are the same participant in all of them and so in one at a time: the one before is left first. What the page
 * hears comes from the one where we are, or were last.
 */
import type { ClientMessage, ServerMessage, SourceKind } from '../../proto/signalling.ts';
import type { Emitter } from './emitter.ts';
import type { Step } from './ladder/ladder.ts';
import type { LocalSources } from './local-sources.ts';
import { MeetingError, type MeetingErrorCode } from './meeting-error.ts';
import type { MeetingEvents, MeetingOptions } from './meeting-events.ts';
import { MeetingSession } from './meeting-session.ts';

export interface Traveller {
  readonly local: LocalSources;
  readonly events: Emitter<MeetingEvents>;
  /** What a session is to be told of what we send and want to see. */
  state(): Exclude<ClientMessage, { id: number }>[];
  muted(source: SourceKind): void;
  /** We are in another meeting now; the page has not heard of it yet. */
  arrived(): void;
}

/** Another meeting, by a pass for it. */
type Destination = Pick<Extract<ServerMessage, { type: 'goTo' }>, 'meeting' | 'name' | 'pass'>;

const MOST_ATTEMPTS = 4;
const PAUSE_MS = 1000;
/** After these one is in no other meeting either. */
const OUT_OF_ALL: ReadonlySet<MeetingErrorCode> = new Set(['removed', 'noMedia', 'unsupported']);

export class Journey {
  /** The meeting that was joined. */
  readonly #home: MeetingOptions;
  readonly #traveller: Traveller;
  #session: MeetingSession;
  /** The room where we are, and what let us in. */
  #room: Destination | undefined;
  /** To which we are on the way. */
  #destination: Destination | undefined;
  #next: MeetingSession | undefined;
  #isOver = false;
  /** Where we go on from: perhaps in another zone by now. */
  #url: string;
  #title: string | undefined;

  constructor(home: MeetingOptions, traveller: Traveller) {
    this.#home = home;
    this.#traveller = traveller;
    this.#url = home.url;
    this.#session = this.#open(home);
  }

  /** Where we are. */
  get session(): MeetingSession {
    return this.#session;
  }

  /** Which meeting that is. */
  get meeting(): string {
    return this.#room?.meeting ?? this.#home.meeting;
  }

  /** What the meeting is called, also while we are in a room of it; undefined when it has no title. */
  get title(): string | undefined {
    if (this.#room === undefined) this.#title = this.#session.title;
    return this.#title;
  }

  /** What the breakout room is called; undefined in the meeting itself. */
  get room(): string | undefined {
    return this.#room?.name;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Where we are, or are about to be: what we send goes there. */
  get sessions(): MeetingSession[] {
    return [this.#session, this.#next].flatMap((session) => (session === undefined || session.isOver ? [] : session));
  }

  /** From a room back to the meeting, by our own wish. */
  async goBack(): Promise<void> {
    if (this.#room !== undefined) await this.#goTo({ ...this.#room, meeting: this.#home.meeting });
  }

  leave(): void {
    this.#destination = undefined;
    this.#next?.leave();
    if (this.#session.isOver) this.#end(undefined);
    else this.#session.leave();
  }

  #open(options: MeetingOptions, knownStep?: Step): MeetingSession {
    const { local, events, state, muted } = this.#traveller;
    const session: MeetingSession = new MeetingSession(
      { ...options, url: this.#url },
      {
        knownStep,
        local,
        events: {
          emit: (name, event) => {
            if (session === this.#session) events.emit(name, event);
          },
        },
        state,
        muted,
        goTo: (order) => {
          if (session === this.#session || session === this.#next) void this.#goTo(order);
        },
        ended: (error, wasInside) => {
          if (session === this.#session) this.#sessionEnded(error, wasInside);
        },
      },
    );
    return session;
  }

  /** Into a room that lets nobody in one does not go, but back; from where there is no way back, one is out of all. */
  async #goTo(destination: Destination): Promise<void> {
    const isThere = destination.meeting === this.meeting && !this.#session.isOver;
    // A fresh pass.
    if (isThere && this.#room !== undefined && this.#destination === undefined) this.#room = destination;
    if (this.#isOver || isThere || destination.meeting === this.#destination?.meeting) return;
    this.#destination = destination;
    const isHome = destination.meeting === this.#home.meeting;
    this.#traveller.events.emit('going', { room: isHome ? undefined : destination.name });
    this.#url = this.#session.url;
    this.#next?.goOn();
    this.#session.goOn();
    const failure = await this.#tryToEnter(destination);
    // Given up meanwhile, for another destination or for good.
    if (this.#destination !== destination) return;
    this.#destination = undefined;
    if (failure === undefined) {
      this.#arrive(isHome ? undefined : destination);
    } else if (isHome) {
      this.#end(failure);
    } else {
      this.#traveller.events.emit('error', failure);
      await this.#goTo({ ...destination, meeting: this.#home.meeting });
    }
  }

  async #tryToEnter(destination: Destination): Promise<MeetingError | undefined> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#enter(destination);
      const isLast = failure === undefined || failure.isFinal || attempt === MOST_ATTEMPTS;
      if (isLast || this.#destination !== destination) return failure;
      await new Promise((resolve) => setTimeout(resolve, failure.retryAfterMs ?? PAUSE_MS));
      if (this.#destination !== destination) return failure;
    }
  }

  async #enter({ meeting, pass }: Destination): Promise<MeetingError | undefined> {
    const { name } = this.#session;
    const isHome = meeting === this.#home.meeting;
    const keys = isHome ? {} : { passcode: '', hostKey: undefined };
    const next = this.#open({ ...this.#home, ...keys, meeting, pass, name }, this.#session.step);
    this.#next = next;
    try {
      await next.entered;
      return undefined;
    } catch (error) {
      if (this.#next === next) this.#next = undefined;
      return error instanceof MeetingError ? error : new MeetingError('unsupported', String(error));
    }
  }

  #arrive(room: Destination | undefined): void {
    if (this.#next === undefined) return;
    this.#title = this.title;
    this.#session = this.#next;
    this.#next = undefined;
    this.#room = room;
    this.#traveller.arrived();
    this.#session.tellState();
    this.#traveller.events.emit('place', undefined);
  }

  #sessionEnded(error: MeetingError | undefined, wasInside: boolean): void {
    if (!wasInside) {
      this.#isOver = true;
      // The devices still belong to whoever asked us in: another attempt may follow.
      this.#traveller.local.release();
      return;
    }
    // Arriving where we are going decides.
    if (this.#destination !== undefined) return;
    if (error !== undefined && this.#room !== undefined && !OUT_OF_ALL.has(error.code)) void this.goBack();
    else this.#end(error);
  }

  #end(error: MeetingError | undefined): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#traveller.events.emit('left', { error });
    this.#traveller.local.close();
  }
}
