import { describe, expect, test } from 'vitest';
import type { NegotiatedTransport } from '../negotiated.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import { parseStun, type StunMessage } from '../stun/stun-message.ts';
import { writeBindingError, writeBindingSuccess } from '../stun/stun-writer.ts';
import { CHECK_INTERVAL_US, SEARCH_INTERVAL_US } from './ice-initiator.ts';
import { CONNECT_DEADLINE_US, CONSENT_EXPIRY_US } from './ice-lite.ts';
import { addressKey } from './remote-addresses.ts';
import { Lab, NEGOTIATED, type ScriptedDtls, v4 } from './transport-test-lab.ts';

const NEAR = v4('192.0.2.10', 8801);
const FAR = v4('192.0.2.11', 8801);
const PASSWORD = 'the password of the peer';

function opening(addresses: readonly RemoteAddress[]): Lab {
  const negotiated: NegotiatedTransport = { ...NEGOTIATED, initiation: { remotePassword: PASSWORD, addresses } };
  return new Lab(negotiated);
}

interface Check {
  readonly message: StunMessage;
  readonly to: string;
}

/** Checks that went out since the last call. */
function checksOf(lab: Lab): Check[] {
  return lab.sentStun().filter(({ message }) => message.class === 'request');
}

interface AnswerOptions {
  readonly from?: RemoteAddress;
  readonly password?: string;
  readonly error?: 420 | 487;
}

function answer(lab: Lab, { message }: Check, options: AnswerOptions = {}): boolean {
  const bytes = new Uint8Array(256);
  const { from = NEAR, password = PASSWORD, error } = options;
  const size =
    error === undefined
      ? writeBindingSuccess(bytes, 0, message.transactionId, v4('198.51.100.1', 9), password)
      : writeBindingError(bytes, 0, message.transactionId, error, password);
  return lab.stun(bytes.slice(0, size), from);
}

function only<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined || items.length !== 1) throw new Error(`${items.length} and not one`);
  return first;
}

test('checks are what the other end expects: both ufrags, its password, a role, and each its own id', () => {
  const lab = opening([NEAR, FAR]);
  lab.advance(0);
  const checks = checksOf(lab);
  expect(checks.map(({ to }) => to)).toEqual([addressKey(NEAR), addressKey(FAR)]);
  for (const { message } of checks) {
    expect(message).toMatchObject({ username: 'peer:ours', iceControlling: true, useCandidate: false });
    expect([verifyFingerprint(message), verifyIntegrity(message, PASSWORD)]).toEqual([true, true]);
    expect(parseStun(message.bytes, message.offset, message.size)?.unknownRequired).toEqual([]);
  }
  lab.advance(SEARCH_INTERVAL_US / 1000);
  const ids = [...checks, ...checksOf(lab)].map(({ message }) => Buffer.from(message.transactionId).toString('hex'));
  expect(new Set(ids).size).toBe(4);
});

describe('an answer', () => {
  test('selects its address, tells the round trip, begins the handshake as client, and is followed by a nomination', () => {
    const lab = opening([NEAR, FAR]);
    lab.advance(0);
    const [near] = checksOf(lab) as [Check];
    lab.advance(30);
    expect(answer(lab, near)).toBe(true);
    expect(lab.destination).toBe(addressKey(NEAR));
    expect(lab.transport.roundTripMs).toBe(30);
    expect(lab.log).toContain('open dtls');
    lab.advance(1);
    expect(checksOf(lab).find(({ to }) => to === addressKey(NEAR))?.message.useCandidate).toBe(true);
    expect(lab.dtls('finished', FAR)).toBe(false);
    expect(lab.dtls('finished', NEAR)).toBe(true);
    expect(lab.transport.state).toBe('connected');
    expect(lab.remotes).toEqual(new Set([addressKey(NEAR), addressKey(FAR)]));
  });

  test.each<[string, AnswerOptions]>([
    ['under another password', { password: 'a password of somebody else' }],
    ['from where nothing was asked', { from: v4('192.0.2.99', 8801) }],
    ['from another of the addresses', { from: FAR }],
    ['that is an error', { error: 487 }],
  ])('%s is no answer', (_what, options) => {
    const lab = opening([NEAR, FAR]);
    lab.advance(0);
    const [near] = checksOf(lab) as [Check];
    expect(answer(lab, near, options)).toBe(false);
    expect([lab.destination, lab.transport.roundTripMs]).toEqual([undefined, undefined]);
  });

  test('counts once', () => {
    const lab = opening([NEAR]);
    lab.advance(0);
    const check = only(checksOf(lab));
    expect([answer(lab, check), answer(lab, check)]).toEqual([true, false]);
  });
});

test('nobody answers: all are asked again and again, and it ends after the deadline', () => {
  const lab = opening([NEAR, FAR]);
  lab.advance(CONNECT_DEADLINE_US / 1000 - 1);
  expect(checksOf(lab).length).toBe((2 * CONNECT_DEADLINE_US) / SEARCH_INTERVAL_US);
  lab.advance(10);
  expect(lab.log.at(-1)).toBe('closed neverConnected');
  expect([lab.remotes.size, lab.addresses.size]).toEqual([0, 0]);
});

describe('consent', () => {
  function connected(): Lab {
    const lab = opening([NEAR, FAR]);
    lab.advance(0);
    const [near] = checksOf(lab) as [Check];
    answer(lab, near);
    lab.dtls('finished', NEAR);
    lab.sent();
    return lab;
  }

  test('is asked for while it is given, and the transport lives', () => {
    const lab = connected();
    let asked = 0;
    for (let i = 0; i < 100; i++) {
      lab.advance(CHECK_INTERVAL_US / 1000);
      for (const check of checksOf(lab).filter(({ to }) => to === addressKey(NEAR))) {
        asked++;
        answer(lab, check);
      }
    }
    expect(lab.transport.state).toBe('connected');
    expect(asked).toBeGreaterThanOrEqual(98);
  });

  test('withheld for 30 s ends the transport', () => {
    const lab = connected();
    lab.advance(CONSENT_EXPIRY_US / 1000 - 10);
    expect(lab.transport.state).toBe('connected');
    lab.advance(20);
    expect(lab.log.at(-1)).toBe('closed consentExpired');
  });

  test('given on another address only: the path moves there in about 2 s', () => {
    const lab = connected();
    let ms = 0;
    for (; lab.destination === addressKey(NEAR) && ms < 10_000; ms += 50) {
      lab.advance(50);
      for (const check of checksOf(lab).filter(({ to }) => to === addressKey(FAR))) answer(lab, check, { from: FAR });
    }
    expect(lab.destination).toBe(addressKey(FAR));
    expect(ms).toBeLessThan(2_500);
  });
});

test('an address that another transport uses is not taken away from it', () => {
  const lab = opening([NEAR]);
  lab.addresses.claim(lab.nowUs, 99, NEAR);
  lab.advance(1000);
  expect([checksOf(lab).length, lab.remotes.size]).toEqual([0, 0]);
  lab.addresses.release(99, NEAR);
  lab.advance(1000);
  expect(checksOf(lab).length).toBe(5);
});

test('its handshake is repeated when the answer is lost', () => {
  const lab = opening([NEAR]);
  lab.advance(0);
  answer(lab, only(checksOf(lab)));
  const session: ScriptedDtls = lab.session;
  session.retransmissionUs = 1_000_000;
  lab.transport.dtls.dueUs = lab.nowUs + 1_000_000;
  lab.transport.schedule(lab.transport.dtls.dueUs);
  lab.sent();
  lab.advance(1100);
  expect(lab.sent().filter(({ kind }) => kind === 'dtls').length).toBeGreaterThan(0);
});
