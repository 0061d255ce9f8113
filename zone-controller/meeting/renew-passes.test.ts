/** Passes end after an hour: who waits for longer, or is in a room for longer, has a fresh one by then. */
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import { createLogger } from '../../common/log.ts';
import { initialState } from '../../mmr/control/state/meeting-state.ts';
import { writeState } from '../../mmr/control/state/state-wire.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import { LiveMeetings } from './live-meetings.ts';
import { Rooms } from './rooms.ts';
import { type Client, Session } from './session.ts';
import { PASS_RENEWED_MS, SessionTokens } from './session-tokens.ts';
import type { Applicant } from './waiter.ts';
import { WaitingRoom } from './waiting-room.ts';

const [main, room] = ['12345678903', '10000000000'] as MeetingId[] as [MeetingId, MeetingId];
const dan = 'dan' as ParticipantId;
const log = createLogger({ name: 'test', level: 'silent' });

function lab() {
  const tokens = new SessionTokens({ own: 'test' as ZoneId, publicKeyOf: () => undefined });
  tokens.useKey(generateKeyPairSync('ed25519').privateKey);
  const sent: ServerMessage[] = [];
  const client: Client = {
    address: 'a',
    isOpen: true,
    send: (message) => sent.push(message),
    sendText: () => undefined,
    refuse: () => undefined,
    take: () => undefined,
    release: () => undefined,
    close: () => undefined,
  };
  const meetings = new LiveMeetings(
    () => false,
    () => 0,
  );
  const at = (id: MeetingId) => {
    const meeting = meetings.at(id);
    const mirror = meeting.mirrorAt('r' as RouterId, 1);
    return { meeting, place: { mirror, worker: 0, attachment: 1 } };
  };
  return { tokens, sent, client, meetings, at };
}

test('who waits is told so again, by the same request', async () => {
  const { tokens, sent, client, meetings, at } = lab();
  let nowMs = 0;
  const nobody = () => undefined;
  const waitingRoom = new WaitingRoom({
    meetings,
    entrance: { enter: () => Promise.reject(new Error('not asked')), leave: nobody, detach: nobody },
    tokens,
    welcome: nobody,
    now: () => nowMs,
    log,
  });
  const definition = { title: 'Talk' } as MeetingDefinition;
  const guest = {
    meeting: main,
    definition,
    participant: dan,
    name: 'Dan',
    role: 'participant',
    returning: false,
  } as const;
  const message: Applicant['message'] = { type: 'join', id: 7, meeting: main, offer: 'o', sources: {}, muted: [] };
  const applicant: Applicant = { client, guest, message };
  await waitingRoom.wait(applicant, { ...at(main), participant: dan, token: 't' });
  nowMs = PASS_RENEWED_MS - 1;
  await waitingRoom.renew();
  expect(sent).toHaveLength(1);
  nowMs = PASS_RENEWED_MS;
  await waitingRoom.renew();
  await waitingRoom.renew();
  expect(sent).toHaveLength(2);
  const [first, second] = sent;
  expect(second).toMatchObject({ type: 'waiting', id: 7, participant: dan, meeting: { id: main, title: 'Talk' } });
  if (first?.type !== 'waiting' || second?.type !== 'waiting') throw new Error('not told that he waits');
  expect(await tokens.verifyPass(second.pass)).toMatchObject({ meeting: main, participant: dan, role: 'participant' });
});

test('who is in a room is given another pass by which he comes back; who is in the meeting itself needs none', async () => {
  const { tokens, sent, client, at } = lab();
  let nowMs = performance.now();
  const rooms = new Rooms({
    definitions: { createRoom: () => Promise.reject(new Error('not made')), find: async () => undefined },
    tokens,
    zone: { act: async () => true },
    world: { act: async () => undefined },
    known: () => [],
    limit: { burst: 1, perSecond: 1 },
    now: () => nowMs,
    log,
  });
  const sessions = [room, main].map((id) => {
    const { meeting, place } = at(id);
    const of = id === room ? main : undefined;
    place.mirror.state.reset(writeState(initialState({ settings: DEFAULT_SETTINGS, main: of }, 't')));
    return new Session({ meeting, place, participant: dan, name: 'Dan', role: 'host', atHome: 'cohost', client });
  });
  await rooms.renew(sessions);
  expect(sent).toEqual([]);
  nowMs += PASS_RENEWED_MS + 1_000;
  await rooms.renew(sessions);
  await rooms.renew(sessions);
  expect(sent).toMatchObject([{ type: 'goTo', meeting: room }]);
  const [told] = sent;
  const pass = told?.type === 'goTo' ? await tokens.verifyPass(told.pass) : undefined;
  expect(pass).toMatchObject({ meeting: room, main, role: 'host', atHome: 'cohost', returning: true });
});
