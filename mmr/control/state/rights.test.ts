/** Every act by every role: who may, and to whom. */
import { describe, expect, test } from 'vitest';
import type { Act, ActType } from './acts.ts';
import { ApplyLab, id, meetingId, ROUTER } from './apply-lab.ts';
import type { Settings } from './meeting-state.ts';
import { type Capacity, forbidsTurningOn, RIGHTS } from './rights.ts';

/** Acts that make sense in `ApplyLab.meeting`, about pat where they are about somebody. */
const ACTS: Readonly<Record<ActType, Act>> = {
  lock: { type: 'lock' },
  unlock: { type: 'unlock' },
  setSetting: { type: 'setSetting', setting: 'chat', value: 'off' },
  admit: { type: 'admit', participant: id('will') },
  refuse: { type: 'refuse', participant: id('will') },
  admitAll: { type: 'admitAll' },
  mute: { type: 'mute', participant: id('pat'), source: 'microphone' },
  muteAll: { type: 'muteAll' },
  askUnmute: { type: 'askUnmute', participant: id('pat'), source: 'camera' },
  stopVideo: { type: 'stopVideo', participant: id('pat') },
  remove: { type: 'remove', participant: id('pat') },
  rename: { type: 'rename', participant: id('pat'), name: 'Patricia' },
  makeHost: { type: 'makeHost', participant: id('pat') },
  makeCohost: { type: 'makeCohost', participant: id('pat') },
  takeBackCohost: { type: 'takeBackCohost', participant: id('cora') },
  claimHost: { type: 'claimHost' },
  spotlight: { type: 'spotlight', participant: id('pat') },
  unspotlight: { type: 'unspotlight', participant: id('pat') },
  raiseHand: { type: 'raiseHand' },
  lowerHand: { type: 'lowerHand', participant: id('pat') },
  lowerAllHands: { type: 'lowerAllHands' },
  react: { type: 'react', emoji: '🎉' },
  chat: { type: 'chat', text: 'hello' },
  openRooms: { type: 'openRooms', rooms: [{ room: meetingId('10000000000'), name: 'one', assigned: [id('pat')] }] },
  assignRoom: { type: 'assignRoom', participant: id('pat') },
  closeRooms: { type: 'closeRooms' },
  sendTo: { type: 'sendTo', participants: 'all', to: meetingId('10000000000') },
  enterRoom: { type: 'enterRoom', participant: id('pat'), room: meetingId('10000000000') },
  leftRoom: { type: 'leftRoom', participants: [id('pat')], room: meetingId('10000000000') },
  announceEnd: { type: 'announceEnd', leftMs: 60_000 },
  endMeeting: { type: 'endMeeting' },
  join: {
    type: 'join',
    participant: id('joe'),
    name: 'Joe',
    role: 'participant',
    controller: 'c',
    router: ROUTER,
    returning: false,
  },
  rejoin: { type: 'rejoin', router: ROUTER, people: [] },
  leave: { type: 'leave', router: ROUTER, participants: [id('pat')] },
  appendChat: { type: 'appendChat', messages: [] },
};

/** Independent of the table: by whom each of them is done in a meeting with the usual settings. */
const ALLOWED: Readonly<Record<ActType, string>> = {
  lock: 'ann cora operator',
  unlock: 'ann cora operator',
  setSetting: 'ann cora operator',
  admit: 'ann cora operator',
  refuse: 'ann cora operator',
  admitAll: 'ann cora operator',
  mute: 'ann cora operator',
  muteAll: 'ann cora operator',
  askUnmute: 'ann cora operator',
  stopVideo: 'ann cora operator',
  remove: 'ann cora operator',
  rename: 'ann cora pat operator',
  makeHost: 'ann operator',
  makeCohost: 'ann operator',
  takeBackCohost: 'ann operator',
  claimHost: 'ann cora pat quinn',
  spotlight: 'ann cora operator',
  unspotlight: 'ann cora operator',
  raiseHand: 'ann cora pat quinn',
  lowerHand: 'ann cora pat operator',
  lowerAllHands: 'ann cora operator',
  react: 'ann cora pat quinn',
  chat: 'ann cora pat quinn',
  openRooms: 'ann cora operator',
  assignRoom: 'ann cora operator',
  closeRooms: 'ann cora operator',
  sendTo: 'operator',
  enterRoom: 'operator',
  leftRoom: 'operator',
  announceEnd: 'operator',
  endMeeting: 'ann operator',
  join: 'router',
  rejoin: 'router',
  leave: 'router',
  appendChat: 'router',
};

/** will is waiting. */
function meeting(settings: Partial<Settings> = {}): ApplyLab {
  const lab = ApplyLab.meeting(settings);
  lab.state = { ...lab.state, settings: { ...lab.state.settings, waitingRoom: true } };
  return lab.join('will');
}

const TYPES = Object.keys(ACTS) as ActType[]; // the keys of a Record<ActType, …>

describe('rights', () => {
  test.each(TYPES)('%s: exactly those who may, can', (type) => {
    const able = ['ann', 'cora', 'pat', 'quinn', 'will', 'nobody', 'operator', 'router'].filter((actor) => {
      const lab = meeting();
      if (type === 'enterRoom') lab.do('operator', ACTS.openRooms);
      const before = lab.state;
      const result = lab.try(actor, ACTS[type]);
      if (result !== 'done') expect([result, lab.state === before]).toEqual(['notAllowed', true]);
      return result === 'done';
    });
    expect(able.join(' ')).toBe(ALLOWED[type]);
  });

  const toWhom: [ActType, string][] = [
    ['mute', 'ann>cora ann>pat cora>pat'],
    ['askUnmute', 'ann>cora ann>pat cora>pat'],
    ['stopVideo', 'ann>cora ann>pat cora>pat'],
    ['remove', 'ann>cora ann>pat cora>pat'],
    ['rename', 'ann>ann ann>cora ann>pat cora>cora cora>pat pat>pat'],
    ['makeHost', 'ann>cora ann>pat'],
    ['makeCohost', 'ann>cora ann>pat'],
    ['lowerHand', 'ann>ann ann>cora ann>pat cora>ann cora>cora cora>pat pat>pat'],
    ['spotlight', 'ann>ann ann>cora ann>pat cora>ann cora>cora cora>pat'],
  ];
  test.each(toWhom)('%s: to whom', (type, expected) => {
    const people = ['ann', 'cora', 'pat'];
    const able = people.flatMap((actor) =>
      people
        .filter((target) => meeting().try(actor, { ...ACTS[type], participant: id(target) } as Act) === 'done')
        .map((target) => `${actor}>${target}`),
    );
    expect(able.join(' ')).toBe(expected);
  });

  test('the table says something for each capacity', () => {
    const capacities: Capacity[] = ['host', 'cohost', 'participant', 'operator', 'router'];
    for (const type of TYPES) expect(Object.keys(RIGHTS[type]).sort()).toEqual([...capacities].sort());
  });

  test('renameSelf: off, and only hosts change names', () => {
    const rename = (actor: string): string => meeting({ renameSelf: false }).try(actor, ACTS.rename);
    expect(['ann', 'cora', 'pat'].map(rename)).toEqual(['done', 'done', 'notAllowed']);
  });

  const chats: [Settings['chat'], string][] = [
    ['all', 'pat>all pat>ann pat>quinn ann>all ann>pat'],
    ['host', 'pat>ann ann>all ann>pat'],
    ['off', 'ann>all ann>pat'],
  ];
  test.each(chats)('chat: %s', (chat, expected) => {
    const pairs = ['pat>all', 'pat>ann', 'pat>quinn', 'ann>all', 'ann>pat'];
    const able = pairs.filter((pair) => {
      const [from = '', to = ''] = pair.split('>');
      const act: Act = { type: 'chat', text: 'hello', ...(to === 'all' ? {} : { to: id(to) }) };
      return meeting({ chat }).try(from, act) === 'done';
    });
    expect(able.join(' ')).toBe(expected);
  });

  test('what one may turn on: settings, hosts, and what a host has ordered', () => {
    const lab = meeting({ unmuteSelf: false, shareBy: 'host' });
    const may = (name: string): string =>
      (['microphone', 'camera', 'screen'] as const)
        .filter((source) => forbidsTurningOn(lab.state, id(name), source) === undefined)
        .join(' ');
    expect([may('ann'), may('cora'), may('pat'), may('will'), may('nobody')]).toEqual([
      'microphone camera screen',
      'microphone camera screen',
      'camera',
      '',
      '',
    ]);
    lab.do('ann', { type: 'askUnmute', participant: id('pat'), source: 'microphone' });
    lab.do('ann', { type: 'stopVideo', participant: id('pat') });
    expect(may('pat')).toBe('microphone');
    lab.do('ann', { type: 'muteAll' }).do('ann', { type: 'askUnmute', participant: id('pat'), source: 'camera' });
    expect(may('pat')).toBe('camera');
  });
});
