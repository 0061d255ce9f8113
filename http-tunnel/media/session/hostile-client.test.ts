/** Whatever a client says, a session goes on or ends for a reason; it never throws, and opens nothing that is no router's. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mintDtlsCertificate } from '../../../common/dtls-certificate.ts';
import { DtlsContext } from '../../../mmr/engine/dtls-endpoint.ts';
import { TunnelChannel } from '../../../proto/tunnel.ts';
import type { Carrier } from '../carriers/carrier.ts';
import { RouterLeg } from '../leg/leg.ts';
import { LegWire } from '../leg/leg-wire.ts';
import { newCounters, SESSION_ENDS, type SessionEnd } from '../media-counters.ts';
import { writeRecords } from './records.ts';
import { TunnelSession } from './tunnel-session.ts';

const { certificatePem, privateKeyPem, fingerprintSha256 } = await mintDtlsCertificate();
const dtls = new DtlsContext(certificatePem, privateKeyPem);
const legs = { dtls, certificateSha256: fingerprintSha256, wire: new LegWire(), nowUs: () => 0 };
const FUZZ_SEED = Number(process.env.FUZZ_SEED ?? 20_261_122);

/** `tickMs`: what passes each time somebody looks at the clock. */
function newSession(tickMs = 1): { session: TunnelSession; carrier: Carrier; ends: SessionEnd[] } {
  const ends: SessionEnd[] = [];
  let nowMs = 0;
  const carrier: Carrier = { isReady: true, unsentBytes: 0, batchBytes: 1000, write: () => {}, close: () => {} };
  const session = new TunnelSession(
    { session: 's', secret: 'x' },
    { address: '192.0.2.1', origin: undefined },
    'holder',
    {
      newLeg: (number, owner) => new RouterLeg(number, legs, owner),
      isRouter: () => false,
      counters: newCounters(),
      dialSignalling: () => {
        throw new Error('no text that is drawn here asks for it');
      },
      nowMs: () => {
        nowMs += tickMs;
        return nowMs;
      },
      handleEnded: (_session, why) => ends.push(why),
    },
  );
  session.attach(carrier, 0, { type: 'opened', ...session.key });
  return { session, carrier, ends };
}

const leg = fc.constantFrom<unknown>(0, 1, 2, -1, '0', null, undefined, { toString: 1 });
const request = fc.oneof(
  fc.record({ type: fc.constantFrom('open', 'close', 'connect', 'ping', 'constructor', '__proto__'), leg }),
  fc.record({
    type: fc.constant('connect'),
    leg,
    candidates: fc.array(
      fc.record({ address: fc.constantFrom('127.0.0.1', '::1', 'localhost', ''), port: fc.integer() }),
    ),
    ufrag: fc.string(),
    pwd: fc.string(),
    fingerprint: fc.string(),
  }),
  fc.record({ type: fc.constant('received'), received: fc.oneof(fc.integer(), fc.double()), bytes: fc.integer() }),
  fc.jsonValue(),
);
const payload = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  request.map((value) => new TextEncoder().encode(JSON.stringify(value) ?? 'null')),
);
const message = fc.oneof(
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.record({ channel: fc.constantFrom(0, 1, 2, 3, 4, 0x80, 0x82), payload }), { maxLength: 5 })
      .map((records) => writeRecords(records)),
  },
);

test('any messages', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 10 }), (messages) => {
      const { session, carrier, ends } = newSession();
      for (const each of messages) session.handleMessage(carrier, each);
      expect(ends.length).toBe(session.isEnded ? 1 : 0);
      for (const end of ends) expect(SESSION_ENDS).toContain(end);
      session.end('stopped');
      expect(ends).toHaveLength(1);
    }),
    { seed: FUZZ_SEED, numRuns: 1500 },
  );
});

test('messages with next to nothing in them, without end', () => {
  const { session, carrier, ends } = newSession(0.05);
  let count = 0;
  while (!session.isEnded && count < 1e6) {
    session.handleMessage(carrier, Buffer.of(TunnelChannel.media, 0, 0));
    count++;
  }
  expect(ends).toEqual(['flooded']);
  expect(count).toBeLessThan(50_000);
});

test('a client that never takes its answers', () => {
  const { session, carrier, ends } = newSession();
  for (let i = 0; !session.isEnded && i < 1e5; i++) session.say({ type: 'pong' });
  expect(ends).toEqual(['unreceived']);
  session.handleMessage(carrier, Buffer.of(9));
  expect(ends).toHaveLength(1);
});
