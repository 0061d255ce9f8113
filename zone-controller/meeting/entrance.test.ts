import { expect, test } from 'vitest';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId } from '../../common/ids.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { Placed, Placements } from '../placement/placements.ts';
import { Entrance } from './entrance.ts';
import { LiveMeetings } from './live-meetings.ts';
import type { MeetingAt, RouterCommands } from './router-commands.ts';
import type { SessionTokens, Stay } from './session-tokens.ts';
import type { TreeSender } from './tree-sender.ts';

const id = '12345678901' as MeetingId;
const router = 'a' as RouterId;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const newcomer = {
  arrival: { role: 'participant' as const, returning: false, start: { settings: DEFAULT_SETTINGS } },
  name: 'Somebody',
  offer: 'sdp',
  sources: {},
  muted: [],
};

test('one whose token takes long is not lost with a meeting that was forgotten meanwhile', async () => {
  const meetings = new LiveMeetings(
    () => false,
    () => 0,
  );
  const placement = { epoch: 1, version: 1, root: { router, worker: 0 }, branches: [], leaving: [] };
  const placed: Placed = { placement, router, worker: 0, isNew: true, media: 'full' };
  const slow = Promise.withResolvers<string>();
  const asked: ParticipantId[] = [];
  const commands = {
    join: async (at: MeetingAt, _worker: number, participant: ParticipantId, attachment: number) => {
      asked.push(participant);
      if (participant === bob) throw new ZonecastError('badOffer', 'refused');
      // As the router's events tell it, of the meeting that this controller knows.
      const mirror = meetings.get(at.meeting)?.mirror(at.router);
      mirror?.home({ participant, attachment, connection: 0, slots: [], encodings: [], audioOnly: false });
      mirror?.entered([participant]);
      return 'answer';
    },
    leave: async () => undefined,
  };
  // The casts: of each, what an entrance uses here.
  const entrance = new Entrance({
    meetings,
    placements: {
      forJoin: async () => placed,
      settled: () => undefined,
      isUntouched: () => false,
    } as unknown as Placements,
    trees: { taken: async () => undefined } as unknown as TreeSender,
    commands: commands as unknown as RouterCommands,
    tokens: {
      sign: ({ participant }: Stay) => (participant === ada ? slow.promise : Promise.resolve(participant)),
    } as unknown as SessionTokens,
    has: () => true,
    isSilent: () => false,
    tell: (command) => void command,
    keepMs: 1_000,
  });
  const entering = entrance.enter(id, ada, newcomer);
  await expect(entrance.enter(id, bob, newcomer)).rejects.toMatchObject({ code: 'badOffer' });
  expect(meetings.get(id)).toBeUndefined();
  slow.resolve('token of ada');
  const { entry, answer } = await entering;
  expect([answer, entry.token, entry.meeting]).toEqual(['answer', 'token of ada', meetings.get(id)]);
  // Not once more, after having waited for a meeting that nobody knows.
  expect(asked).toEqual([bob, ada]);
  entry.meeting.close();
});
