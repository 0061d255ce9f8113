import { beforeEach, expect, test } from 'vitest';
import type { ParticipantId } from '../../common/ids.ts';
import { Guests } from './guests.ts';

const [dan, eve] = ['dan', 'eve'] as ParticipantId[] as [ParticipantId, ParticipantId];
const home = { controller: 'zc-1', attachment: 1 };
const nobody = () => false;

let guests: Guests;
beforeEach(() => {
  guests = new Guests();
});

function wait(participant: ParticipantId, at = home): void {
  guests.wait(guests.ask(participant, at));
}

test('by whom somebody waits: from the answer on, and while he asks again', () => {
  const guest = guests.ask(dan, home);
  expect([...guests.controllers]).toEqual([]);
  guests.wait(guest);
  expect([...guests.controllers]).toEqual(['zc-1']);
  guests.ask(dan, { controller: 'zc-2', attachment: 1 });
  expect([...guests.controllers]).toEqual(['zc-2']);
});

test('who is let in has 15 s to come; who comes at this moment, longer', () => {
  wait(dan);
  const guest = guests.get(dan);
  if (guest === undefined) throw new Error('he waits');
  guests.admit(guest, 1_000);
  expect(guests.handleTimeout(15_999, nobody)).toEqual([]);
  expect(guests.handleTimeout(16_000, (participant) => participant === dan)).toEqual([]);
  // A controller that listens again does not give him more.
  guests.homeFound('zc-1');
  expect(guests.handleTimeout(16_000, nobody)).toEqual([dan]);
  expect([guests.isEmpty, guests.handleTimeout(99_000, nobody)]).toEqual([true, []]);
});

test('whose controller is lost has 15 s to come by another one, or until it is back', () => {
  wait(dan);
  wait(eve, { controller: 'zc-2', attachment: 1 });
  guests.homeLost('zc-1', 0);
  guests.homeFound('zc-1');
  expect(guests.handleTimeout(99_000, nobody)).toEqual([]);
  guests.homeLost('zc-1', 100_000);
  guests.homeLost('zc-2', 100_000);
  guests.wait(guests.ask(eve, home));
  expect(guests.handleTimeout(115_000, nobody)).toEqual([dan]);
});

test('a connection that is lost counts when it is the one by which he waits', () => {
  wait(dan, { controller: 'zc-1', attachment: 2 });
  guests.detach(dan, home, 0);
  guests.detach(dan, { controller: 'zc-2', attachment: 2 }, 0);
  expect(guests.handleTimeout(10, nobody)).toEqual([]);
  guests.detach(dan, { controller: 'zc-1', attachment: 2 }, 5);
  expect(guests.handleTimeout(10, nobody)).toEqual([dan]);
});

test('whoever asks has the answer first; who has lost his media is kept for a while', () => {
  guests.ask(dan, home);
  guests.homeLost('zc-1', 0);
  guests.lose(eve, 500);
  expect([guests.isLost(eve), guests.isEmpty]).toEqual([true, false]);
  expect(guests.handleTimeout(99_000, nobody)).toEqual([eve]);
  expect([guests.isLost(eve), guests.get(dan)?.isAsking]).toEqual([false, true]);
});
