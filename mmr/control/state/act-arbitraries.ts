/** For tests: any act, by anybody. */
import fc from 'fast-check';
import type { RouterId } from '../../../common/ids.ts';
import { type Act, REACTIONS } from './acts.ts';
import { id, meetingId } from './apply-lab.ts';
import type { ChatMessage, Role } from './meeting-state.ts';

export const NAMES = ['ann', 'ben', 'cat', 'dan', 'eve'];
export const ROOMS = ['10000000000', '20000000000'].map(meetingId);
export const ROUTERS = ['r', 'z/s'] as RouterId[];

const participant = fc.constantFrom(...NAMES.map(id));
const router = fc.constantFrom(...ROUTERS);
const room = fc.constantFrom(...ROOMS);
const role = fc.constantFrom<Role>('host', 'cohost', 'participant');
const name = fc.constantFrom('Ann', 'Benedict', '猫');
/** Words of one's own, to be found again wherever they get. */
const text = fc.integer({ min: 1e9, max: 2e9 }).map((number) => `word${number}`);
const newcomer = { participant, name, role, controller: fc.constant('controller-1') };
const is = <Type extends string>(type: Type) => fc.constant(type);

const message: fc.Arbitrary<ChatMessage> = fc
  .record({ from: participant, to: fc.option(participant, { nil: undefined }), text, version: fc.nat({ max: 99 }) })
  .map(({ from, to, text: said, version }) => ({
    id: said,
    from,
    fromName: from,
    ...(to && { to, toName: to }),
    text: said,
    sentMs: 1,
    stamp: { term: 'other', version },
  }));

export const personAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    type: fc.constantFrom(
      'lock',
      'unlock',
      'admitAll',
      'muteAll',
      'claimHost',
      'raiseHand',
      'lowerAllHands',
      'closeRooms',
    ),
  }),
  fc.record({
    type: fc.constantFrom(
      ...(['admit', 'refuse', 'remove', 'stopVideo', 'makeHost', 'makeCohost'] as const),
      ...(['takeBackCohost', 'spotlight', 'unspotlight', 'lowerHand'] as const),
    ),
    participant,
  }),
  fc.record({ type: is('setSetting'), setting: is('waitingRoom'), value: fc.boolean() }),
  fc.record({ type: is('setSetting'), setting: is('joinBeforeHost'), value: fc.boolean() }),
  fc.record({ type: is('setSetting'), setting: is('chat'), value: fc.constantFrom('all', 'host', 'off') }),
  fc.record({ type: is('mute'), participant, source: fc.constantFrom('microphone', 'camera', 'screen') }),
  fc.record({ type: is('askUnmute'), participant, source: fc.constantFrom('microphone', 'camera') }),
  fc.record({ type: is('rename'), participant, name }),
  fc.record({ type: is('react'), emoji: fc.constantFrom(...REACTIONS) }),
  fc.record({ type: is('chat'), text, to: participant }),
  fc.record({ type: is('chat'), text }),
  fc.record({ type: is('assignRoom'), participant, room }),
  fc.record({ type: is('assignRoom'), participant }),
  fc.record({ type: is('enterRoom'), participant, room }),
  fc.record({ type: is('leftRoom'), participants: fc.subarray(NAMES.map(id)), room }),
  fc.record({ type: is('announceEnd'), leftMs: fc.nat() }),
  fc
    .tuple(fc.subarray(NAMES.map(id)), fc.subarray(NAMES.map(id)))
    .map(([first, second]) =>
      [first, second].map((assigned, i) => ({ room: ROOMS[i] as never, name: `${i}`, assigned })),
    )
    .map((rooms) => ({ type: 'openRooms' as const, rooms })),
);

export const routerAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: is('join'), ...newcomer, router, returning: fc.boolean() }),
  fc.record({
    type: is('rejoin'),
    router,
    people: fc.array(fc.record({ ...newcomer, waiting: fc.boolean() }), { maxLength: 5 }),
  }),
  fc.record({ type: is('leave'), router, participants: fc.subarray(NAMES.map(id)) }),
  fc.record({ type: is('leave'), router, participants: participant.map((one) => [one]), room }),
  fc.record({
    type: is('appendChat'),
    messages: fc.uniqueArray(message, { maxLength: 3, selector: (each) => each.id }),
  }),
);

/** By somebody: one of `NAMES`, 'router' or 'operator'. Joins are frequent, for without people nothing happens. */
export const anything: fc.Arbitrary<{ readonly by: string; readonly act: Act }> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ by: fc.constantFrom(...NAMES, 'operator'), act: personAct }) },
  { weight: 2, arbitrary: fc.record({ by: is('router'), act: routerAct }) },
  {
    weight: 1,
    arbitrary: fc.record({ by: fc.constantFrom(...NAMES, 'operator', 'router'), act: fc.oneof(personAct, routerAct) }),
  },
);
