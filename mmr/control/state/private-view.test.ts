/** What clients see: what they are told of changes leads to what they may see of the state, and to nothing else. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anything, NAMES } from './act-arbitraries.ts';
import { ApplyLab, id, meetingId, ROUTER } from './apply-lab.ts';
import { isHost, type MeetingState } from './meeting-state.ts';
import { isFor } from './notices.ts';
import { changesFor, type MeetingView, type ViewChange, viewFor } from './private-view.ts';

/** As a client does it. */
function applied(view: MeetingView, changes: readonly ViewChange[]): MeetingView {
  let { people, waiting, spotlight, chat, rooms, settings, ended } = view;
  for (const change of changes) {
    if (change.type === 'settings') settings = change.settings;
    else if (change.type === 'person') people = put(people, change.person);
    else if (change.type === 'left')
      people = people.filter(({ participant }) => !change.participants.includes(participant));
    else if (change.type === 'waiting') waiting = put(waiting, change.entry);
    else if (change.type === 'notWaiting') {
      waiting = waiting.filter(({ participant }) => !change.participants.includes(participant));
    } else if (change.type === 'spotlight') spotlight = change.spotlight;
    else if (change.type === 'chat') chat = [...chat, change.message];
    else if (change.type === 'rooms') rooms = change.rooms;
    else ended = true;
  }
  return { ...view, people, waiting, spotlight, chat, rooms, settings, ended };
}

function put<Item extends { participant: string }>(list: readonly Item[], item: Item): Item[] {
  const index = list.findIndex(({ participant }) => participant === item.participant);
  return index < 0 ? [...list, item] : list.with(index, item);
}

/** Words of messages that are for others alone, and what only hosts know. */
function secrets(state: MeetingState, viewer: string): string[] {
  const self = state.people.get(id(viewer));
  const chats = state.chat.flatMap(({ text, from, to }) =>
    self !== undefined && (to === undefined || to === viewer || from === viewer) ? [] : text,
  );
  const waiting = isHost(self) ? [] : [...state.waiting.values()].map(({ sinceMs }) => `"sinceMs":${sinceMs}`);
  return [...chats, ...waiting, '"router"', '"controller"', '"removed"', '"term"'];
}

test('views follow from what clients are told, and hold no secret of others', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 60 }), (wants) => {
      const lab = new ApplyLab();
      const views = new Map(NAMES.map((name) => [name, viewFor(lab.state, id(name))]));
      for (const { by, act } of wants) {
        const before = lab.state;
        const outcome = lab.outcome(by, act);
        if ('refusal' in outcome) continue;
        lab.state = outcome.state;
        lab.unixMs++;
        for (const [name, view] of views) {
          const told = changesFor(before, lab.state, outcome.changes, id(name));
          const now = viewFor(lab.state, id(name));
          views.set(name, now);
          if (told !== 'whole') expect(applied(view, told)).toEqual(now);
          const seen = JSON.stringify([told, now]);
          for (const secret of secrets(lab.state, name)) expect(seen).not.toContain(secret);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('12. a message to one is for the two; the waiting list is for hosts; a new co-host gets it, and gives it back', () => {
  const lab = ApplyLab.meeting({ waitingRoom: true }).join('will');
  lab.do('pat', { type: 'chat', text: 'psst', to: id('ann') });
  const texts = (name: string): string[] => viewFor(lab.state, id(name)).chat.map(({ text }) => text);
  expect(['ann', 'cora', 'pat', 'quinn'].map(texts)).toEqual([['psst'], [], ['psst'], []]);
  const waiting = (name: string): string[] => viewFor(lab.state, id(name)).waiting.map(({ name: shown }) => shown);
  expect(['ann', 'cora', 'pat', 'will'].map(waiting)).toEqual([['will'], ['will'], [], []]);
  const before = lab.state;
  const made = lab.outcome('ann', { type: 'makeCohost', participant: id('pat') });
  if ('refusal' in made) throw new Error('the host may');
  expect(changesFor(before, made.state, made.changes, id('pat'))).toBe('whole');
  expect(changesFor(before, made.state, made.changes, id('quinn'))).toEqual([
    { type: 'person', person: { participant: 'pat', name: 'pat', role: 'cohost' } },
  ]);
  expect(viewFor(made.state, id('pat')).waiting).toHaveLength(1);
});

test('of rooms, a participant sees his own, and himself in it', () => {
  const lab = ApplyLab.meeting();
  const room = meetingId('10000000000');
  lab.do('ann', { type: 'openRooms', rooms: [{ room, name: 'one', assigned: ['pat', 'quinn'].map(id) }] });
  expect(viewFor(lab.state, id('pat')).rooms).toEqual([{ room, name: 'one', assigned: ['pat'] }]);
  expect(viewFor(lab.state, id('cora')).rooms[0]?.assigned).toEqual(['pat', 'quinn']);
});

test('notices reach those whom they concern', () => {
  const { state } = ApplyLab.meeting();
  const hearers = (notice: Parameters<typeof isFor>[0]): string[] =>
    ['ann', 'cora', 'pat', 'quinn'].filter((name) => isFor(notice, state, id(name)));
  const pat = { participant: id('pat') };
  expect(hearers({ type: 'reaction', ...pat, emoji: '🎉' })).toHaveLength(4);
  expect(hearers({ type: 'muteAll' })).toEqual(['pat', 'quinn']);
  expect(hearers({ type: 'mute', ...pat, source: 'camera' })).toEqual(['pat']);
  expect(hearers({ type: 'askUnmute', ...pat, source: 'camera' })).toEqual(['pat']);
  expect(hearers({ type: 'removed', ...pat })).toEqual(['pat']);
  expect(hearers({ type: 'admitted', ...pat, router: ROUTER, controller: 'c' })).toEqual([]);
  expect(hearers({ type: 'goToRoom', ...pat, room: meetingId('1') })).toEqual(['pat']);
  expect(hearers({ type: 'goToRoom', ...pat, room: meetingId('1'), from: meetingId('2') })).toEqual([]);
  expect(hearers({ type: 'returnToMain', participants: 'all' })).toHaveLength(4);
  expect(hearers({ type: 'returnToMain', participants: [id('pat')] })).toEqual(['pat']);
});
