import { expect, test } from 'vitest';
import type { PersonEntry, RosterEntry } from '../../proto/signalling.ts';
import { NO_RECORD } from '../sdk/meeting-record.ts';
import { listPeople } from './people-order.ts';

const entry = (participant: string, name = participant): RosterEntry => ({
  participant,
  name,
  live: [],
  connected: true,
});
const EVERYBODY = ['ann', 'ben', 'cat', 'self', 'dan', 'eve'].map((participant) => entry(participant));

function record(...people: Partial<PersonEntry>[]) {
  const entries = people.map((each): PersonEntry => ({ participant: '', name: '', role: 'participant', ...each }));
  return { ...NO_RECORD, people: new Map(entries.map((each) => [each.participant, each])) };
}

const order = (...people: Partial<PersonEntry>[]) =>
  listPeople(EVERYBODY, record(...people), 'self', '').people.map(({ participant }) => participant);

test('oneself, hosts, then by arrival', () => {
  expect(order()).toEqual(['self', 'ann', 'ben', 'cat', 'dan', 'eve']);
  expect(order({ participant: 'eve', role: 'host' }, { participant: 'dan', role: 'cohost' })).toEqual([
    ...['self', 'eve', 'dan'],
    ...['ann', 'ben', 'cat'],
  ]);
});

test('hands come first, whose was raised first before the others', () => {
  expect(order({ participant: 'cat', hand: 9 }, { participant: 'eve', hand: 4 })).toEqual([
    ...['eve', 'cat'],
    ...['self', 'ann', 'ben', 'dan'],
  ]);
});

test('names are found without case and accents, in any place', () => {
  const people = [entry('1', 'José Núñez'), entry('2', 'Zoë'), entry('3', 'ΑΘΗΝΑ')];
  const found = (search: string) =>
    listPeople(people, NO_RECORD, '', search).people.map(({ participant }) => participant);
  expect([found('nunez'), found(' ZOE '), found('αθηνα'), found('x')]).toEqual([['1'], ['2'], ['3'], []]);
});

test('a large meeting is listed up to a limit, and says how many more there are', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => entry(`p${index}`));
  const { people, more } = listPeople(many, NO_RECORD, 'p999', '');
  expect([people.length, more, people[0]?.participant]).toEqual([200, 800, 'p999']);
});
