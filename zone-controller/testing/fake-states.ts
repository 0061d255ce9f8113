/** The states of a fake router's meetings: those of a real one, without media that would have to be muted or ended. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import type { LiveMeeting } from '../../mmr/control/live-meeting.ts';
import type { LiveMeetings } from '../../mmr/control/live-meetings.ts';
import { MeetingStates } from '../../mmr/control/meeting-states.ts';
import { readEntry } from '../../mmr/control/read-request.ts';
import type { Home } from '../../mmr/control/roster.ts';
import type { Joined } from '../../mmr/control/state/meeting-node.ts';
import { REFUSALS, toError } from '../../mmr/control/state/refusal.ts';
import { forbidsTurningOn } from '../../mmr/control/state/rights.ts';
import { routerTree } from '../../mmr/control/state/router-tree.ts';
import { StateOrders } from '../../mmr/control/state-orders.ts';
import type { JoinRequest__Output } from '../../proto/gen/zonecast/router/v1/JoinRequest.ts';
import type { SetTreeRequest__Output } from '../../proto/gen/zonecast/router/v1/SetTreeRequest.ts';
import type { SourceKind } from '../../proto/signalling.ts';
import type { StateStreams } from './state-streams.ts';

export interface FakeStatesOptions {
  readonly router: string;
  readonly streams: StateStreams;
  readonly meetings: () => LiveMeetings;
  /** Ends his stay. */
  readonly leave: (participant: ParticipantId, reason?: string) => void;
}

export class FakeStates {
  readonly #options: FakeStatesOptions;
  readonly #router: RouterId;
  readonly #states: MeetingStates;
  readonly #orders: StateOrders;
  #aheadMs = 0;

  constructor(options: FakeStatesOptions) {
    this.#options = options;
    const { streams, meetings, leave } = options;
    const router = options.router as RouterId; // as the test names it
    this.#router = router;
    const now = (): number => performance.now() + this.#aheadMs;
    this.#orders = new StateOrders({
      meetings: { get: (meeting) => meetings().get(meeting), settle: (live) => meetings().settle(live) },
      pool: { mute: () => undefined, leave },
      leave: (meeting, participant) => this.#states.leave(meeting, participant),
      router: () => this.#states.router,
      now,
    });
    const send = (to: RouterId, meeting: MeetingId, json: string): void => streams.send(router, to, meeting, json);
    this.#states = new MeetingStates({ router, send, listener: this.#orders, now });
    this.start();
  }

  start(): void {
    this.#options.streams.open(this.#router, this.#states);
  }

  stop(): void {
    this.#options.streams.close(this.#router);
  }

  /** So much time passes at once for the states, and for nothing else. */
  skip(ms: number): void {
    this.#aheadMs += ms;
    this.#states.handleTimeout();
  }

  setTree({ meeting, places }: SetTreeRequest__Output): void {
    const read = places.map(({ router, address, worker, parent }) => ({
      router: router as RouterId,
      address,
      worker,
      parent: typeof parent === 'number' ? parent : undefined,
    }));
    this.#states.setTree(meeting as MeetingId, routerTree(read, this.#router));
  }

  /** Who has been in the meeting before does not wait, whoever asks for it. */
  async join(live: LiveMeeting, request: JoinRequest__Output, home: Home): Promise<Joined> {
    const participant = request.participant as ParticipantId;
    const { start, role, returning, controller } = readEntry(request.entry, request.home?.instance ?? '');
    const { guests } = live.state;
    this.#states.open(live.id, start);
    const guest = guests.ask(participant, home);
    try {
      const newcomer = { participant, name: request.name, role, controller };
      const joined = await this.#states.join(live.id, newcomer, returning);
      if (guest.isGone || guests.get(participant) !== guest) throw new ZonecastError('meetingLost', 'gone meanwhile');
      if (guest.verdict === 'refused') throw toError(REFUSALS.outside);
      if (joined === 'entered' || guest.verdict === 'admitted') {
        guests.delete(participant);
        return 'entered';
      }
      live.state.wait(participant);
      return 'waiting';
    } catch (error) {
      if (guests.get(participant) === guest) guests.delete(participant);
      this.#states.leave(live.id, participant);
      throw error;
    }
  }

  /** He is in: what he may not turn on is off. */
  entered(live: LiveMeeting, participant: ParticipantId, home: Home): void {
    const state = this.#states.state(live.id);
    const name = state?.people.get(participant)?.name;
    if (name !== undefined) live.rename(participant, name);
    for (const source of live.sourcesOf(participant)) {
      if (state === undefined || forbidsTurningOn(state, participant, source) === undefined) continue;
      this.#orders.mute(live, participant, source);
      live.state.tell(home.controller, [{ type: 'mute', participant, source }]);
    }
  }

  checkUnmute(live: LiveMeeting, participant: ParticipantId, source: SourceKind): void {
    const state = this.#states.state(live.id);
    const refusal = state && live.isMuted(participant, source) && forbidsTurningOn(state, participant, source);
    if (refusal) throw toError(refusal);
  }

  act: MeetingStates['act'] = (...call) => this.#states.act(...call);

  /** Of somebody who is not in yet; false: he is, or is not known. */
  leaveWaiting(live: LiveMeeting, participant: ParticipantId): boolean {
    const guest = live.state.guests.get(participant);
    if (guest === undefined || live.has(participant)) return false;
    guest.isGone = true;
    live.state.guests.delete(participant);
    this.left(live.id, participant);
    return true;
  }

  left(meeting: MeetingId, participant: ParticipantId, room?: MeetingId): void {
    this.#states.leave(meeting, participant, room);
  }

  drop(meeting: MeetingId): void {
    this.#states.drop(meeting);
  }

  handleTimeout(): void {
    for (const live of this.#options.meetings().all) {
      const gone = live.state.guests.handleTimeout(performance.now(), (participant) => live.has(participant));
      for (const participant of gone) this.left(live.id, participant);
    }
    this.#states.handleTimeout();
  }
}
