import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParticipantId } from '../../common/ids.ts';
import type { RosterEntry, SourceKind } from '../../proto/signalling.ts';
import { type MeetingEvent, MeetingState } from './meeting-state.ts';

const SEED = 7;
const [ada, bob] = ['ada', 'bob'] as ParticipantId[] as [ParticipantId, ParticipantId];
const joining = (participant: ParticipantId): MeetingEvent => ({
  type: 'joining',
  participant,
  name: participant.toUpperCase(),
  sources: ['microphone', 'camera'],
  muted: ['camera'],
});

function entered(...participants: ParticipantId[]): MeetingState {
  const state = new MeetingState();
  for (const participant of participants) {
    state.apply(joining(participant));
    state.apply({ type: 'entered', participant });
  }
  state.takeDelta();
  return state;
}

describe('meeting state', () => {
  test('somebody joining is counted but not on the roster until let in', () => {
    const state = new MeetingState();
    state.apply(joining(ada));
    expect([state.size, state.roster(), state.hasDelta]).toEqual([1, [], false]);
    state.apply({ type: 'entered', participant: ada });
    expect(state.takeDelta().changed).toEqual([
      { participant: ada, name: 'ADA', live: ['microphone'], connected: true },
    ]);
    expect(state.hasDelta).toBe(false);
  });

  test('somebody who was never let in leaves without a word', () => {
    const state = new MeetingState();
    state.apply(joining(ada));
    state.apply({ type: 'left', participant: ada });
    expect([state.size, state.hasDelta]).toEqual([0, false]);
  });

  test('slots are kept from before the entry, and empty ones are not told', () => {
    const state = new MeetingState();
    state.apply(joining(ada));
    const slot = { mid: '3', participant: bob, kind: 'camera' as const };
    state.apply({ type: 'slots', participant: ada, slots: [slot, { mid: '4' }] });
    expect(state.slotsOf(ada)).toEqual([slot]);
    state.apply({ type: 'slots', participant: ada, slots: [{ mid: '3' }] });
    expect(state.slotsOf(ada)).toEqual([]);
  });

  test('what is wanted of a source replaces what was wanted of it before', () => {
    const state = new MeetingState();
    state.apply(joining(ada));
    const camera = (active: boolean): MeetingEvent => ({
      type: 'encodings',
      participant: ada,
      source: 'camera',
      encodings: [{ rid: 'h', active }],
    });
    state.apply(camera(true));
    state.apply({ type: 'encodings', participant: ada, source: 'screen', encodings: [{ rid: '', active: true }] });
    state.apply(camera(false));
    expect(state.encodingsOf(ada)).toEqual([
      { source: 'camera', encodings: [{ rid: 'h', active: false }] },
      { source: 'screen', encodings: [{ rid: '', active: true }] },
    ]);
    expect([state.encodingsOf(bob), state.hasDelta]).toEqual([[], false]);
  });

  test('connections: the latest of those who are in, told once, gone with them', () => {
    const state = entered(ada, bob);
    state.apply({ type: 'quality', qualities: [{ participant: ada, uplink: 90 }, { participant: 'stranger' }] });
    state.apply({ type: 'quality', qualities: [{ participant: ada, downlink: 40 }] });
    expect(state.takeQualityDelta()).toEqual([{ participant: ada, downlink: 40 }]);
    state.apply({ type: 'quality', qualities: [{ participant: ada, downlink: 40 }, { participant: bob }] });
    expect([state.hasQualityDelta, state.hasDelta]).toEqual([false, false]);
    state.apply({ type: 'quality', qualities: [{ participant: ada }, { participant: bob, uplink: 1 }] });
    state.apply({ type: 'left', participant: ada });
    expect(state.takeQualityDelta()).toEqual([{ participant: bob, uplink: 1 }]);
    expect(state.qualities()).toEqual([{ participant: bob, uplink: 1 }]);
  });

  test('who leaves is no speaker any more, and strangers never are', () => {
    const state = entered(ada, bob);
    state.apply({ type: 'speakers', speakers: [bob, 'x' as ParticipantId, ada] });
    expect(state.speakers).toEqual([bob, ada]);
    state.apply({ type: 'left', participant: bob });
    expect(state.speakers).toEqual([ada]);
  });

  test.each([
    { type: 'muted', participant: ada, source: 'camera', muted: true },
    { type: 'attached', participant: ada, attached: true },
    { type: 'left', participant: 'nobody' as ParticipantId },
  ] satisfies MeetingEvent[])('%j says nothing new', (event) => {
    const state = entered(ada);
    state.apply(event);
    expect(state.hasDelta).toBe(false);
  });

  test('whoever follows the deltas knows the roster', () => {
    const participant = fc.constantFrom(...(['a', 'b', 'c', 'd'] as ParticipantId[]));
    const source = fc.constantFrom<SourceKind[]>('microphone', 'camera', 'screen');
    const event: fc.Arbitrary<MeetingEvent | 'tell'> = fc.oneof(
      participant.map(joining),
      participant.map((id): MeetingEvent => ({ type: 'entered', participant: id })),
      participant.map((id): MeetingEvent => ({ type: 'left', participant: id })),
      fc
        .tuple(participant, source, fc.boolean())
        .map(([id, kind, muted]): MeetingEvent => ({ type: 'muted', participant: id, source: kind, muted })),
      fc
        .tuple(participant, fc.boolean())
        .map(([id, attached]): MeetingEvent => ({ type: 'attached', participant: id, attached })),
      fc.constant('tell' as const),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 100 }), (events) => {
        const state = new MeetingState();
        const known = new Map<string, RosterEntry>();
        const tell = (): void => {
          const { changed, left } = state.takeDelta();
          for (const id of left) known.delete(id);
          for (const entry of changed) known.set(entry.participant, entry);
        };
        for (const each of events) {
          if (each === 'tell') tell();
          // Ids are never used twice: nobody joins as somebody who is there.
          else if (each.type !== 'joining' || !state.has(each.participant)) state.apply(each);
        }
        tell();
        const sorted = (entries: Iterable<RosterEntry>): RosterEntry[] =>
          [...entries].sort((a, b) => a.participant.localeCompare(b.participant));
        expect(sorted(known.values())).toEqual(sorted(state.roster()));
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
