import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../common/ids.ts';
import type { RosterEntry } from '../../proto/signalling.ts';
import { MeetingState } from './meeting-state.ts';

const SEED = 7;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const entry = (participant: string, connected = true): RosterEntry => ({
  participant,
  name: participant.toUpperCase(),
  live: ['microphone'],
  connected,
});
const homed = (participant: ParticipantId, attachment = 1) => ({ participant, attachment, slots: [], encodings: [] });

/** Of a meeting with these people, whose home we are. */
function mirrorOf(...participants: ParticipantId[]): MeetingState {
  const state = new MeetingState();
  const roster = participants.map((id) => entry(id));
  state.reset({ version: 10, roster, speakers: [], qualities: [], homed: participants.map((id) => homed(id)) });
  return state;
}

describe('the mirror of a meeting', () => {
  test('begins with a snapshot; what was said before it, and earlier versions, change nothing', () => {
    const state = new MeetingState();
    state.changeRoster(3, { changed: [entry(ada)], left: [] });
    expect(state.size).toBe(0);
    state.reset({ version: 4, roster: [entry(ada), entry(bob)], speakers: [bob], qualities: [], homed: [homed(ada)] });
    expect([state.hasDelta, state.hasQualityDelta]).toEqual([false, false]);
    state.changeRoster(4, { changed: [], left: [bob] });
    expect(state.roster().map(({ participant }) => participant)).toEqual([ada, bob]);
    state.changeRoster(5, { changed: [], left: [bob] });
    expect([state.roster(), state.speakers]).toEqual([[entry(ada)], []]);
  });

  test('a later snapshot is told as the difference', () => {
    const state = mirrorOf(ada, bob);
    const roster = [entry(ada), entry('cid')];
    state.reset({ version: 20, roster, speakers: [], qualities: [], homed: [homed(ada)] });
    expect(state.takeDelta()).toEqual({ changed: [entry('cid')], left: [bob] });
    expect([...state.homed.keys()]).toEqual([ada]);
  });

  test('with nobody of ours in it nothing is mirrored until the next snapshot', () => {
    const state = mirrorOf(ada);
    state.unhome(ada);
    state.changeRoster(11, { changed: [entry(bob)], left: [] });
    expect(state.has(bob)).toBe(false);
  });

  test('of slots those that carry something are told', () => {
    const state = mirrorOf(ada);
    const slot = { mid: '3', participant: bob, kind: 'camera' as const };
    state.setSlots(ada, [slot, { mid: '4' }]);
    expect(state.slotsOf(ada)).toEqual([slot]);
    state.setSlots(ada, [{ mid: '3' }]);
    expect([state.slotsOf(ada), state.slotsOf(bob)]).toEqual([[], []]);
  });

  test('what is wanted of a source replaces what was wanted of it before', () => {
    const state = mirrorOf(ada);
    const camera = (active: boolean) => ({ source: 'camera' as const, encodings: [{ rid: 'h', active }] });
    state.setEncodings(ada, camera(true));
    state.setEncodings(ada, { source: 'screen', encodings: [{ rid: '', active: true }] });
    state.setEncodings(ada, camera(false));
    expect(state.encodingsOf(ada)).toEqual([
      camera(false),
      { source: 'screen', encodings: [{ rid: '', active: true }] },
    ]);
    expect([state.encodingsOf(bob), state.hasDelta]).toEqual([[], false]);
  });

  test('connections: the latest of those who are in, told once, gone with them', () => {
    const state = mirrorOf(ada, bob);
    state.setQualities([{ participant: ada, uplink: 90 }, { participant: 'stranger' }]);
    state.setQualities([{ participant: ada, downlink: 40 }]);
    expect(state.takeQualityDelta()).toEqual([{ participant: ada, downlink: 40 }]);
    state.setQualities([{ participant: ada, downlink: 40 }, { participant: bob }]);
    expect([state.hasQualityDelta, state.hasDelta]).toEqual([false, false]);
    state.setQualities([{ participant: ada }, { participant: bob, uplink: 1 }]);
    state.changeRoster(11, { changed: [], left: [ada] });
    expect(state.takeQualityDelta()).toEqual([{ participant: bob, uplink: 1 }]);
    expect(state.qualities()).toEqual([{ participant: bob, uplink: 1 }]);
  });

  test('who leaves is no speaker any more, and strangers never are', () => {
    const state = mirrorOf(ada, bob);
    state.setSpeakers([bob, 'x' as ParticipantId, ada]);
    expect(state.speakers).toEqual([bob, ada]);
    state.changeRoster(11, { changed: [], left: [bob] });
    expect(state.speakers).toEqual([ada]);
  });

  test('an entry that says nothing new is not told', () => {
    const state = mirrorOf(ada);
    state.changeRoster(11, { changed: [entry(ada)], left: ['nobody'] });
    expect(state.hasDelta).toBe(false);
  });

  test('whoever follows the deltas knows the roster', () => {
    const participant = fc.constantFrom('a', 'b', 'c', 'd');
    const step = fc.oneof(
      fc.tuple(participant, fc.boolean()).map(([id, connected]) => ({ changed: [entry(id, connected)], left: [] })),
      participant.map((id) => ({ changed: [], left: [id] })),
      fc.uniqueArray(participant).map((ids) => ({ snapshot: ids.map((id) => entry(id)) })),
      fc.constant('tell' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const state = mirrorOf(ada);
        const known = new Map<string, RosterEntry>([[ada, entry(ada)]]);
        const tell = (): void => {
          const { changed, left } = state.takeDelta();
          for (const id of left) known.delete(id);
          for (const each of changed) known.set(each.participant, each);
        };
        for (const [index, each] of [...steps, 'tell' as const].entries()) {
          const version = index + 11;
          if (each === 'tell') tell();
          else if ('snapshot' in each) {
            state.reset({ version, roster: each.snapshot, speakers: [], qualities: [], homed: [homed(ada)] });
          } else state.changeRoster(version, each);
        }
        const sorted = (entries: Iterable<RosterEntry>): RosterEntry[] =>
          [...entries].sort((a, b) => a.participant.localeCompare(b.participant));
        expect(sorted(known.values())).toEqual(sorted(state.roster()));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
