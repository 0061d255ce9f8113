/** What clients are told of a meeting's state leads to what they may see of it, whenever they are told, and to nothing else. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyChanges, type MeetingRecord, NO_RECORD, recordOf } from '../../client/sdk/meeting-record.ts';
import { anything, NAMES } from '../../mmr/control/state/act-arbitraries.ts';
import { ApplyLab, id, meetingId } from '../../mmr/control/state/apply-lab.ts';
import { isHost, type MeetingState } from '../../mmr/control/state/meeting-state.ts';
import type { MeetingEntry, ServerMessage } from '../../proto/signalling.ts';
import { entryFor } from './client-view.ts';
import { tellState } from './state-telling.ts';

const SEED = 20_26;

/** Somebody's client, with the SDK's own record of what it is told. */
class Viewer {
  readonly participant;
  told: MeetingState | undefined;
  record: MeetingRecord = NO_RECORD;
  texts: string[] = [];

  constructor(name: string, told?: MeetingState) {
    this.participant = id(name);
    this.told = told;
    if (told !== undefined) this.record = recordOf(entryFor(told, this.participant), NO_RECORD);
  }

  sendText(text: string): void {
    this.texts.push(text);
    const message = JSON.parse(text) as ServerMessage; // as it is sent
    if (message.type === 'state') this.record = applyChanges(this.record, message.changes);
    else if (message.type === 'wholeState') this.record = recordOf(message.state, this.record);
    else throw new Error(message.type);
  }

  get messages(): ServerMessage[] {
    return this.texts.map((text) => JSON.parse(text) as ServerMessage); // as it was sent
  }
}

/** In no order; of the chat, clients remember more than they may ask for. */
function comparable({ main, settings, people, waiting, spotlight, chat, rooms }: MeetingEntry) {
  const byId = <Item extends { participant: string }>(items: readonly Item[]) =>
    items.toSorted((a, b) => a.participant.localeCompare(b.participant));
  return { main, settings, people: byId(people), waiting: byId(waiting), spotlight, chat, rooms };
}

function recorded({ people, waiting, chat, ...rest }: MeetingRecord, { length }: readonly unknown[]) {
  const latest = length === 0 ? [] : chat.slice(-length);
  return comparable({
    ...rest,
    people: [...people.values()],
    waiting: [...waiting.values()],
    chat: latest,
  } as MeetingEntry);
}

/** Words of messages that are for others alone, and what only hosts know. */
function secrets(state: MeetingState, viewer: string): string[] {
  const chats = state.chat.flatMap(({ text, from, to }) =>
    to === undefined || to === viewer || from === viewer ? [] : text,
  );
  return [
    ...chats,
    ...(isHost(state.people.get(id(viewer))) ? [] : ['"sinceMs"']),
    '"router"',
    '"controller"',
    '"removed"',
    '"term"',
  ];
}

test('records follow from what clients are told, however many changes at once, and hold no secret of others', () => {
  const step = fc.record({
    want: anything,
    isTold: fc.boolean(),
    comes: fc.option(fc.constantFrom(...NAMES), { freq: 8 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const lab = new ApplyLab();
      const viewers = new Map(NAMES.map((name) => [name, new Viewer(name)]));
      for (const { want, isTold, comes } of steps) {
        lab.try(want.by, want.act);
        lab.unixMs++;
        // He comes by another connection, and others have not been told yet.
        if (comes !== null) viewers.set(comes, new Viewer(comes, lab.state));
        if (!isTold) continue;
        for (const viewer of viewers.values()) viewer.texts = [];
        tellState(viewers.values(), lab.state);
        for (const [name, { record, texts, participant }] of viewers) {
          const entry = entryFor(lab.state, participant);
          expect(recorded(record, entry.chat)).toEqual(comparable(entry));
          const seen = JSON.stringify(entry) + texts.join();
          for (const secret of secrets(lab.state, name)) expect(seen).not.toContain(secret);
        }
      }
    }),
    { numRuns: 500, seed: SEED },
  );
});

function lab() {
  const meeting = ApplyLab.meeting();
  const viewers = ['ann', 'cora', 'pat', 'quinn'].map((name) => new Viewer(name, meeting.state));
  const told = () => {
    for (const viewer of viewers) viewer.texts = [];
    tellState(viewers, meeting.state);
    return Object.fromEntries(viewers.map(({ participant, messages }) => [participant, messages]));
  };
  return { meeting, viewers, told };
}

describe('a client is told', () => {
  test('nothing of people of whom there is nothing to say', () => {
    const { meeting, told } = lab();
    meeting.join('rick').join('sue').leave('rick');
    expect(told()).toEqual({ ann: [], cora: [], pat: [], quinn: [] });
    expect(entryFor(meeting.state, id('pat')).people.map(({ participant }) => participant)).toEqual(['ann', 'cora']);
  });

  test('that somebody is ordinary again, also when he has left', () => {
    const { meeting, told } = lab();
    meeting.do('pat', { type: 'raiseHand' }).do('quinn', { type: 'raiseHand' });
    const { quinn: raised = [] } = told();
    expect(raised).toMatchObject([
      {
        type: 'state',
        changes: [
          { type: 'person', person: { participant: 'pat', role: 'participant', hand: 5 } },
          { type: 'person', person: { participant: 'quinn', hand: 6 } },
        ],
      },
    ]);
    meeting.do('ann', { type: 'lowerHand', participant: id('pat') }).leave('quinn');
    expect(told().ann).toEqual([{ type: 'state', changes: [{ type: 'plain', participants: ['quinn', 'pat'] }] }]);
  });

  test('of what is his alone, and hosts of everybody', () => {
    const { meeting, told } = lab();
    meeting.do('ann', { type: 'stopVideo', participant: id('pat') });
    const { ann, pat, quinn } = told();
    const person = { participant: 'pat', name: 'pat', role: 'participant', videoStopped: true };
    expect(ann).toEqual([{ type: 'state', changes: [{ type: 'person', person }] }]);
    expect(pat).toEqual(ann);
    expect(quinn).toEqual([]);
  });

  test('of a message to him in its place among the others', () => {
    const { meeting, told } = lab();
    for (const [text, to] of [['one'], ['two', 'quinn'], ['three']] as const) {
      meeting.do('pat', { type: 'chat', text, ...(to === undefined ? {} : { to: id(to) }) });
    }
    const { ann = [], pat = [], quinn = [] } = told();
    const texts = (messages: ServerMessage[]) =>
      messages.flatMap((message) =>
        message.type === 'state'
          ? message.changes.map((change) => (change.type === 'chat' ? change.message.text : ''))
          : [],
      );
    expect([texts(ann), texts(pat), texts(quinn)]).toEqual([
      ['one', 'three'],
      ['one', 'two', 'three'],
      ['one', 'two', 'three'],
    ]);
  });

  test('everything when he becomes a host, and when he is none any more', () => {
    const { meeting, told } = lab();
    meeting.do('ann', { type: 'setSetting', setting: 'waitingRoom', value: true }).join('walt');
    told();
    meeting.do('ann', { type: 'makeCohost', participant: id('pat') });
    expect(told().pat).toMatchObject([{ type: 'wholeState', state: { waiting: [{ participant: 'walt' }] } }]);
    meeting.do('ann', { type: 'takeBackCohost', participant: id('pat') });
    expect(told().pat).toMatchObject([{ type: 'wholeState', state: { waiting: [] } }]);
  });

  test('of his room alone', () => {
    const { meeting, told } = lab();
    const [blue, red] = [meetingId('10000000000'), meetingId('20000000000')];
    const rooms = [
      { room: blue, name: 'Blue', assigned: [id('pat')] },
      { room: red, name: 'Red', assigned: [] },
    ];
    meeting.do('ann', { type: 'openRooms', rooms });
    const { ann, pat, quinn } = told();
    expect(ann).toEqual([{ type: 'state', changes: [{ type: 'rooms', rooms }] }]);
    expect(pat).toEqual([{ type: 'state', changes: [{ type: 'rooms', rooms: rooms.slice(0, 1) }] }]);
    expect(quinn).toEqual([]);
  });

  test('everything when the chat before is another one', () => {
    const { meeting, told } = lab();
    meeting.do('pat', { type: 'chat', text: 'lost' });
    told();
    meeting.state = { ...meeting.state, chat: [] };
    meeting.do('pat', { type: 'chat', text: 'kept' });
    expect(told().quinn).toMatchObject([{ type: 'wholeState', state: { chat: [{ text: 'kept' }] } }]);
  });
});

test('in a meeting of 1000, one text does for all who see the same', () => {
  const meeting = new ApplyLab();
  meeting.join('host', 'host');
  for (let index = 0; index < 1_000; index++) meeting.join(`p${index}`);
  const sent = new Map<string, string[]>();
  const listeners = [...meeting.state.people.keys()].map((participant) => ({
    participant,
    told: meeting.state as MeetingState | undefined,
    sendText: (text: string) => sent.set(text, [...(sent.get(text) ?? []), participant]),
  }));
  meeting.do('p1', { type: 'raiseHand' }).do('p2', { type: 'chat', text: 'secret', to: id('p3') });
  tellState(listeners, meeting.state);
  expect([...sent.values()].map(({ length }) => length)).toEqual([999, 2]);
});
