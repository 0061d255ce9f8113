/** What every Bus must do, as tests: each implementation's own test file calls this. */
import { afterEach, describe, expect, test } from 'vitest';
import { ZonecastError } from '../common/errors.ts';
import { testBucketContract } from './bucket-contract.ts';
import type { Bus, BusState, Subscriber } from './bus.ts';
import { MAX_PAYLOAD_BYTES, Signer } from './envelope/signer.ts';
import { MAX_SKEW_MS } from './envelope/verifier.ts';
import { callSubject, inboxOf, zoneSubject } from './subjects.ts';
import { becomes } from './testing/becomes.ts';
import { MessageCollector } from './testing/collectors.ts';
import { STRANGERS, type TestBus, ZONES } from './testing/test-zones.ts';
import type { Transport } from './transport.ts';

export interface BusUnderTest {
  /** A new way of a zone to the same server as the others. */
  readonly transport: (zone: string) => Transport;
  readonly stopServer: () => Promise<void>;
  readonly startServer: () => Promise<void>;
}

export function testBusContract(name: string, under: BusUnderTest): void {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const closable of opened.splice(0)) await closable.close();
  });

  async function open(zone: string, instance = 'one'): Promise<TestBus> {
    const test = ZONES.open(under.transport(zone), ZONES.identity(zone, instance));
    opened.push(test.bus);
    await test.bus.connected();
    return test;
  }
  const openBus = async (zone: string, instance?: string): Promise<Bus> => (await open(zone, instance)).bus;

  /** A way to the server that signs nothing by itself. */
  async function openRaw(): Promise<Transport> {
    const transport = under.transport('mallory');
    opened.push(transport);
    const subscription = transport.subscribe('raw.ready', undefined, { receive: () => undefined });
    await subscription.active;
    subscription.close();
    return transport;
  }

  async function listen(bus: Bus, subject: string, options = {}): Promise<MessageCollector> {
    const collector = new MessageCollector();
    await bus.subscribe(subject, collector, options).active;
    return collector;
  }

  describe(`bus contract: ${name}`, () => {
    describe('messages', () => {
      test('arrive in order, once, with who sent them and when', async () => {
        const [alpha, beta] = [await openBus('alpha', 'zc-1'), await openBus('beta')];
        const heard = await listen(beta, 'news');
        const beforeMs = Date.now();
        const payloads = [null, 0, '', 'naïve 😀 \u0000', { a: [1, { b: 'x'.repeat(100_000) }] }, ...numbers(500)];
        for (const payload of payloads) expect(alpha.publish('news', payload)).toBe(true);
        expect(await heard.has(payloads.length)).toEqual(payloads);
        expect(heard.messages[0]).toMatchObject({ subject: 'news', sender: { zone: 'alpha', instance: 'zc-1' } });
        expect(heard.messages[0]?.timeMs).toBeGreaterThanOrEqual(beforeMs);
        expect(heard.messages[0]?.timeMs).toBeLessThanOrEqual(Date.now());
      });

      test.each([
        ['a.b', ['a.b']],
        ['a.*', ['a.b', 'a.c']],
        ['*.b', ['a.b', 'b.b']],
        ['a.>', ['a.b', 'a.c', 'a.b.c']],
        ['*.*.c', ['a.b.c']],
        ['a', ['a']],
      ])('go to %s by its wildcards', async (pattern, expected) => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const [heard, all] = [await listen(beta, pattern), await listen(beta, '>')];
        for (const subject of ['a', 'a.b', 'a.c', 'a.b.c', 'b.b', 'last']) alpha.publish(subject, subject);
        await all.until(() => all.messages.at(-1)?.subject === 'last');
        await heard.has(expected.length);
        expect(heard.messages.map(({ subject }) => subject)).toEqual(expected);
      });

      test('go to one member of each queue, and to all outside', async () => {
        const alpha = await openBus('alpha');
        const buses = [await openBus('beta', 'one'), await openBus('beta', 'two')];
        const members = [await listen(buses[0] as Bus, 'work', { queue: 'q' })];
        members.push(await listen(buses[1] as Bus, 'work', { queue: 'q' }));
        const all = await listen(buses[0] as Bus, 'work');
        for (const number of numbers(100)) alpha.publish('work', number);
        await all.has(100);
        await Promise.race(members.map((member) => member.until(() => total(members) === 100)));
        const taken = members.flatMap(({ messages }) => messages.map(({ payload }) => Number(payload)));
        expect(taken.sort((a, b) => a - b)).toEqual(numbers(100));
        for (const { messages } of members) expect(messages.length).toBeGreaterThan(0);
      });

      test('end with the subscription', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const closed = new MessageCollector();
        const subscription = beta.subscribe('news', closed);
        const open = await listen(beta, 'news');
        alpha.publish('news', 1);
        await Promise.all([open.has(1), closed.has(1)]);
        subscription.close();
        alpha.publish('news', 2);
        await open.has(2);
        expect(closed.messages).toHaveLength(1);
      });

      test('that a slow subscriber cannot take are dropped, the oldest first, and told as a gap', async () => {
        const [alpha, beta] = [await openBus('alpha'), await open('beta')];
        const slow = new MessageCollector();
        const [taken, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const subscriber: Subscriber = {
          message: async (message) => {
            taken.resolve();
            await gate.promise;
            slow.message(message);
          },
          gap: (lost) => slow.gap(lost),
        };
        await beta.bus.subscribe('news', subscriber, { maxWaiting: 10 }).active;
        const quick = await listen(beta.bus, 'news');
        alpha.publish('news', 0);
        await taken.promise;
        for (const number of numbers(100).slice(1)) alpha.publish('news', number);
        await quick.has(100);
        gate.resolve();
        await slow.until(() => slow.messages.at(-1)?.payload === 99);
        expect(slow.events).toEqual([0, { gap: 89 }, ...numbers(100).slice(90)]);
        expect(beta.counters.droppedByReason).toEqual(new Map([['slowSubscriber', 89]]));
      });

      test('go on when a subscriber throws', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const heard = new MessageCollector();
        await beta.subscribe('news', {
          message: (message) => {
            if (message.payload === 1) throw new Error('for this test');
            return heard.message(message);
          },
        }).active;
        for (const number of numbers(3)) alpha.publish('news', number);
        expect(await heard.has(2)).toEqual([0, 2]);
      });

      test('have a largest size', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const heard = await listen(beta, 'news');
        const largest = 'x'.repeat(MAX_PAYLOAD_BYTES - 2);
        alpha.publish('news', largest);
        expect(() => alpha.publish('news', `${largest}x`)).toThrow(expect.objectContaining({ code: 'badMessage' }));
        await expect(alpha.request('news', `${largest}x`)).rejects.toMatchObject({ code: 'badMessage' });
        expect(await heard.has(1)).toEqual([largest]);
      });

      test.each(['', 'a b', 'a..b', '.a', 'a.', 'a.*', '>', 'ä', 'a\r\nPUB b 0\r\n', 'x'.repeat(256)])(
        'have a proper subject: not %j',
        async (subject) => {
          const alpha = await openBus('alpha');
          expect(() => alpha.publish(subject, 1)).toThrow(RangeError);
          await expect(alpha.request(subject, 1)).rejects.toThrow(RangeError);
          if (subject !== '>' && subject !== 'a.*') {
            expect(() => alpha.subscribe(subject, new MessageCollector())).toThrow(RangeError);
          }
        },
      );
    });

    describe('requests', () => {
      test('are answered', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta', 'zc-2')];
        const subject = callSubject('beta', 'alpha', 'add.one');
        await beta.respond(callSubject('beta', '*', '>'), async ({ payload, sender, subject }) => {
          return [Number(payload) + 1, sender, subject];
        }).active;
        const answers = await Promise.all(numbers(100).map((number) => alpha.request(subject, number)));
        const me = { zone: 'alpha', instance: 'one' };
        expect(answers.map(({ payload }) => payload)).toEqual(numbers(100).map((number) => [number + 1, me, subject]));
        expect(answers[0]?.sender).toEqual({ zone: 'beta', instance: 'zc-2' });
      });

      test('work for names with dots', async () => {
        const [alpha, west] = [await openBus('alpha'), await openBus('eu.west', 'zc.1')];
        await west.respond(callSubject('eu.west', '*', 'm'), () => 'yes').active;
        await alpha.respond(callSubject('alpha', '*', 'm'), () => 'si').active;
        expect((await alpha.request(callSubject('eu.west', 'alpha', 'm'), 0)).payload).toBe('yes');
        expect((await west.request(callSubject('alpha', 'eu.west', 'm'), 0)).payload).toBe('si');
      });

      test('are shared among the instances of a zone', async () => {
        const alpha = await openBus('alpha');
        for (const instance of ['one', 'two']) {
          const beta = await openBus('beta', instance);
          await beta.respond('calls', () => instance).active;
        }
        const answers = await Promise.all(numbers(100).map(() => alpha.request('calls', null)));
        expect(new Set(answers.map(({ payload }) => payload))).toEqual(new Set(['one', 'two']));
      });

      test('fail as the handler did', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        await beta.respond('typed', () => {
          throw new ZonecastError('noSuchMeeting', 'There is none.', { retryAfterMs: 700 });
        }).active;
        await beta.respond('untyped', () => Promise.reject(new Error('a secret path'))).active;
        const typed = { code: 'noSuchMeeting', message: 'There is none.', retryAfterMs: 700 };
        await expect(alpha.request('typed', null)).rejects.toMatchObject(typed);
        const untyped = await alpha.request('untyped', null).catch((error: unknown) => error);
        expect(untyped).toMatchObject({ code: 'internal' });
        expect(String(untyped)).not.toContain('secret');
      });

      test('fail at once when nobody answers there', async () => {
        const alpha = await openBus('alpha');
        const startMs = performance.now();
        await expect(alpha.request('nobody', null, { timeoutMs: 30_000 })).rejects.toMatchObject({
          code: 'noResponder',
        });
        expect(performance.now() - startMs).toBeLessThan(5_000);
      });

      test('fail at their deadline, and what is answered later is dropped', async () => {
        const [alpha, beta] = [await open('alpha'), await openBus('beta')];
        const gate = Promise.withResolvers<void>();
        await beta.respond('slow', () => gate.promise).active;
        const slow = alpha.bus.request('slow', null, { timeoutMs: 100 });
        await expect(slow).rejects.toMatchObject({ code: 'requestTimedOut' });
        gate.resolve();
        await beta.respond('quick', () => 1).active;
        await alpha.bus.request('quick', null);
        expect(alpha.counters.droppedByReason).toEqual(new Map([['unexpected', 1]]));
      });

      test('fail at the deadline of the handler', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        await beta.respond('slow', () => new Promise(() => undefined), { timeoutMs: 50, maxConcurrent: 1 }).active;
        await expect(alpha.request('slow', 1)).rejects.toMatchObject({ code: 'requestTimedOut' });
        await expect(alpha.request('slow', 2)).rejects.toMatchObject({ message: 'The request took too long.' });
      });

      test('beyond what a responder works on at once are refused', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const gate = Promise.withResolvers<void>();
        await beta.respond('work', () => gate.promise, { maxConcurrent: 3 }).active;
        const answers = numbers(5).map((number) => alpha.request('work', number).catch((error: unknown) => error));
        const refused = { code: 'rateLimited', retryAfterMs: expect.any(Number) };
        expect(await Promise.all(answers.slice(3))).toMatchObject([refused, refused]);
        gate.resolve();
        expect(await Promise.all(answers.slice(0, 3))).toMatchObject(numbers(3).map(() => ({ payload: null })));
      });
    });

    describe('what is not valid is dropped and counted', () => {
      /** As the name says, on `to`; beta listens to everything there. */
      const alphaSigner = new Signer(ZONES.identity('alpha'), Date.now);
      const at = (offsetMs: number) => new Signer(ZONES.identity('alpha'), () => Date.now() + offsetMs);
      const own = zoneSubject('alpha', 'status');

      test.each<[string, string, () => Uint8Array]>([
        ['oversized', own, () => new Uint8Array(MAX_PAYLOAD_BYTES + 10_000)],
        ['malformed', own, () => new Uint8Array()],
        ['malformed', own, () => alphaSigner.wrap('message', own, 1).subarray(0, 90)],
        ['unknownVersion', own, () => alphaSigner.wrap('message', own, 1).fill(2, 0, 1)],
        ['misaddressed', own, () => alphaSigner.wrap('message', 'elsewhere', 1)],
        ['wrongKind', own, () => alphaSigner.wrap('request', own, 1)],
        ['wrongKind', own, () => alphaSigner.wrap('answer', own, 1)],
        ['notTheirs', zoneSubject('beta', 'x'), () => alphaSigner.wrap('message', zoneSubject('beta', 'x'), 1)],
        [
          'notTheirs',
          inboxOf({ zone: 'b', instance: 'c' }),
          () => alphaSigner.wrap('message', inboxOf({ zone: 'b', instance: 'c' }), 1),
        ],
        ['stale', own, () => at(-MAX_SKEW_MS - 5_000).wrap('message', own, 1)],
        ['stale', own, () => at(MAX_SKEW_MS + 5_000).wrap('message', own, 1)],
        ['unknownSender', 'free', () => new Signer(STRANGERS.identity('mallory'), Date.now).wrap('message', 'free', 1)],
        ['wrongSignature', own, () => new Signer(STRANGERS.identity('alpha'), Date.now).wrap('message', own, 1)],
        ['wrongSignature', own, () => corruptEnd(alphaSigner.wrap('message', own, 'text'))],
      ])('%s', async (reason, subject, forge) => {
        const [raw, beta] = [await openRaw(), await open('beta')];
        const heard = await listen(beta.bus, '>');
        raw.publish(subject, forge());
        raw.publish(own, alphaSigner.wrap('message', own, 'fine'));
        expect(await heard.has(1)).toEqual(['fine']);
        expect(beta.counters.droppedByReason).toEqual(new Map([[reason, 1]]));
      });

      test('replayed, on each subscription by itself', async () => {
        const [raw, beta] = [await openRaw(), await open('beta')];
        const [first, second] = [await listen(beta.bus, own), await listen(beta.bus, '>')];
        const message = alphaSigner.wrap('message', own, 'once');
        for (let time = 0; time < 3; time++) raw.publish(own, message);
        raw.publish(own, alphaSigner.wrap('message', own, 'last'));
        expect(await first.has(2)).toEqual(['once', 'last']);
        expect(await second.has(2)).toEqual(['once', 'last']);
        expect(beta.counters.droppedByReason).toEqual(new Map([['replayed', 4]]));
      });

      test('an answer of who was not asked', async () => {
        const [alpha, west] = [await open('alpha'), await openBus('eu.west')];
        const subject = callSubject('beta', 'alpha', 'm');
        await west.respond(subject, () => 'I am beta').active;
        const asked = alpha.bus.request(subject, null, { timeoutMs: 300 });
        await expect(asked).rejects.toMatchObject({ code: 'requestTimedOut' });
        expect(alpha.counters.droppedByReason).toEqual(new Map([['notTheirs', 1]]));
      });

      test('a request whose answer would go to somebody else', async () => {
        const [raw, beta, global] = [await openRaw(), await open('beta'), await openBus('global')];
        await beta.bus.respond('calls', () => 'an answer').active;
        const spied = await listen(global, '>');
        const request = alphaSigner.wrap('request', 'calls', 1, '00'.repeat(16));
        raw.publish('calls', request, zoneSubject('beta', 'status'));
        raw.publish('calls', alphaSigner.wrap('message', 'calls', 1));
        await spied.has(1);
        await beta.bus.respond('ready', () => 1).active;
        expect((await global.request('ready', 0)).payload).toBe(1);
        expect(beta.counters.droppedByReason).toEqual(
          new Map([
            ['misaddressed', 1],
            ['wrongKind', 1],
          ]),
        );
      });
    });

    describe('while the server is away', () => {
      test('nothing waits: messages are dropped and counted, requests fail at once', async () => {
        const alpha = await open('alpha');
        const states: BusState[] = [];
        alpha.bus.onState((state) => states.push(state));
        await alpha.bus.respond('slow', () => new Promise(() => undefined)).active;
        const asked = alpha.bus.request('slow', null).catch((error: unknown) => error);
        await under.stopServer();
        await becomes(alpha.bus, 'away');
        expect(await asked).toMatchObject({ code: 'busUnavailable' });
        for (const number of numbers(10)) expect(alpha.bus.publish('news', number)).toBe(false);
        const startMs = performance.now();
        await expect(alpha.bus.request('news', null)).rejects.toMatchObject({ code: 'busUnavailable' });
        expect(performance.now() - startMs).toBeLessThan(500);
        const heard = new MessageCollector();
        const subscription = alpha.bus.subscribe('news', heard);
        await under.startServer();
        await alpha.bus.connected();
        await subscription.active;
        expect(states).toEqual(['away', 'connected']);
        expect(alpha.bus.publish('news', 'again')).toBe(true);
        expect(await heard.has(1)).toEqual(['again']);
        expect(alpha.counters.unsentByReason.get('away')).toBe(10);
        expect(alpha.counters.lostCount).toBe(1);
      });

      test('subscriptions and responders stay, and are told of the gap', async () => {
        const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
        const heard = await listen(beta, 'news');
        await beta.respond('calls', () => 'answer').active;
        alpha.publish('news', 1);
        await heard.has(1);
        await under.stopServer();
        await Promise.all([becomes(alpha, 'away'), becomes(beta, 'away')]);
        await under.startServer();
        await Promise.all([alpha.connected(), beta.connected()]);
        // `connected` does not say that the server knows beta's subscriptions again; the gap does.
        await heard.until(() => heard.events.length === 2);
        expect(alpha.publish('news', 2)).toBe(true);
        await heard.has(2);
        expect(heard.events).toEqual([1, { gap: undefined }, 2]);
        expect((await alpha.request('calls', null)).payload).toBe('answer');
      });
    });

    test('a closed bus does nothing more', async () => {
      const [alpha, beta] = [await openBus('alpha'), await openBus('beta')];
      const heard = await listen(alpha, 'news');
      await beta.respond('slow', () => new Promise(() => undefined)).active;
      const asked = alpha.request('slow', null);
      const closing = expect(asked).rejects.toMatchObject({ code: 'busUnavailable' });
      await alpha.close();
      await closing;
      const other = await listen(beta, 'news');
      beta.publish('news', 1);
      await other.has(1);
      expect(heard.messages).toEqual([]);
      expect(alpha.state).toBe('away');
      expect(alpha.publish('news', 1)).toBe(false);
      await expect(alpha.request('news', 1)).rejects.toMatchObject({ code: 'busUnavailable' });
      await expect(alpha.connected()).rejects.toMatchObject({ code: 'busUnavailable' });
      await alpha.close();
    });

    describe('buckets', () => {
      testBucketContract({ open, openRaw, stopServer: under.stopServer, startServer: under.startServer });
    });
  });
}

export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function total(collectors: readonly MessageCollector[]): number {
  return collectors.reduce((sum, { messages }) => sum + messages.length, 0);
}

function corruptEnd(bytes: Buffer): Buffer {
  bytes[bytes.length - 2] = (bytes.at(-2) ?? 0) ^ 1;
  return bytes;
}
