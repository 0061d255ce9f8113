import { expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { LiveMeeting } from './live-meeting.ts';
import { FORBIDDEN_MS, NOWHERE_MS, REPEAT_MS, TRANSFERS_PER_PERIOD, Transfers } from './transfers.ts';

/** People in one meeting, in a zone that is drained or not. */
class TransferLab {
  isDrained = true;
  /** By policies. */
  isAllowed = true;
  nowMs = 0;
  asked = 0;
  onward: { zone: ZoneId; urls: string[] } | undefined = { zone: 'b' as ZoneId, urls: ['https://b.example'] };
  readonly sessions = new Map<string, { isOver: boolean; isMoving: boolean }>();
  readonly told: string[] = [];
  /** By the clients of those whose next zone was asked for. */
  readonly measured: unknown[] = [];
  readonly #transfers: Transfers;

  constructor(people: number) {
    const meeting = { id: '12345678901', sessions: this.sessions };
    for (let i = 0; i < people; i++) {
      const send = (message: ServerMessage): void => {
        const why = message.type === 'transfer' && message.reason === 'policy' ? ' by policy' : '';
        this.told.push(`${message.type} ${i}${why}`);
      };
      const client = { address: '192.0.2.1' };
      const session = {
        meeting,
        participant: `p${i}`,
        client,
        send,
        isOver: false,
        isMoving: false,
        roundTrips: { b: i },
      };
      this.sessions.set(session.participant, session);
    }
    const lab = this;
    this.#transfers = new Transfers({
      world: {
        get isDrained() {
          return lab.isDrained;
        },
        own: 'a' as ZoneId,
        zone: () => undefined,
        mayBeIn: () => this.isAllowed,
      },
      whichZone: {
        ofTransfer: ({ roundTrips }) => {
          this.measured.push(roundTrips);
          return this.onward;
        },
      },
      // What transfers look at of a meeting and its sessions is there.
      meetings: { all: [meeting as unknown as LiveMeeting] },
      definitionOf: async () => {
        this.asked++;
        return {} as MeetingDefinition;
      },
      known: () => ({}) as MeetingDefinition,
      dismiss: ({ participant }, reason) => {
        this.told.push(`${reason} ${participant}`);
        this.sessions.delete(participant);
      },
      now: () => this.nowMs,
      log: createLogger({ name: 'test', level: 'silent' }),
    });
  }

  async pass(ms: number): Promise<void> {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; this.nowMs += 1_000) await this.#transfers.step();
  }
}

test('nobody is told anything in a zone that is not drained', async () => {
  const lab = new TransferLab(3);
  lab.isDrained = false;
  await lab.pass(60_000);
  expect(lab.told).toEqual([]);
});

test('each is told once, so many a second, and the meeting is looked up once each time', async () => {
  const lab = new TransferLab(50);
  await lab.pass(1_000);
  expect([lab.told.length, lab.asked]).toEqual([TRANSFERS_PER_PERIOD, 1]);
  await lab.pass(9_000);
  expect(new Set(lab.told).size).toBe(50);
  expect(lab.told).toHaveLength(50);
});

test('each is sent where he is near to, by what his own client has measured', async () => {
  const lab = new TransferLab(2);
  await lab.pass(1_000);
  expect(lab.measured).toEqual([{ b: 0 }, { b: 1 }]);
});

test('who is still there after a while is told again; who is moving is left alone', async () => {
  const lab = new TransferLab(2);
  const [first] = lab.sessions.values();
  if (first !== undefined) first.isMoving = true;
  await lab.pass(2_000);
  expect(lab.told).toEqual(['transfer 1']);
  await lab.pass(REPEAT_MS);
  expect(lab.told).toEqual(['transfer 1', 'transfer 1']);
});

test('when there is nowhere to go, nobody is told, until there is', async () => {
  const lab = new TransferLab(1);
  const { onward } = lab;
  lab.onward = undefined;
  await lab.pass(5_000);
  expect(lab.told).toEqual([]);
  lab.onward = onward;
  await lab.pass(1_000);
  expect(lab.told).toEqual(['transfer 0']);
});

test('who may not be here any more is sent away, and out when he has not gone in a minute', async () => {
  const lab = new TransferLab(1);
  [lab.isDrained, lab.isAllowed] = [false, false];
  await lab.pass(FORBIDDEN_MS);
  expect(lab.told).toEqual(['transfer 0 by policy', 'transfer 0 by policy']);
  await lab.pass(1_000);
  expect(lab.told.at(-1)).toBe('notAllowedHere p0');
  await lab.pass(5_000);
  expect(lab.told).toHaveLength(3);
});

test('who may be nowhere is told so, unless that was only for a moment', async () => {
  const lab = new TransferLab(1);
  [lab.isDrained, lab.isAllowed, lab.onward] = [false, false, undefined];
  await lab.pass(NOWHERE_MS - 1_000);
  lab.isAllowed = true;
  await lab.pass(NOWHERE_MS);
  lab.isAllowed = false;
  await lab.pass(NOWHERE_MS);
  expect(lab.told).toEqual([]);
  await lab.pass(1_000);
  expect(lab.told).toEqual(['notAllowedHere p0']);
});
