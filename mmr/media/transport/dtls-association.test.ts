import { describe, expect, test } from 'vitest';
import { EgressPlan } from '../egress/egress-plan.ts';
import { MAX_REMOTE_ADDRESSES } from './ice-lite.ts';
import { addressKey } from './remote-addresses.ts';
import { DTLS_DEADLINE_US } from './transport.ts';
import { HOME, KEYS, Lab, NEGOTIATED, START_US, v4 } from './transport-test-lab.ts';

const AWAY = v4('198.51.100.9', 6000);

test('scenario: a participant connects', () => {
  const lab = new Lab();
  lab.check(HOME, { useCandidate: true });
  lab.out.clear();
  expect(lab.dtls('hello')).toBe(true);
  expect(lab.sentTexts()).toEqual(['flight']);
  expect(lab.dtls('finished')).toBe(true);
  expect(lab.sentTexts()).toEqual(['done']);
  expect(lab.session.received).toEqual(['hello', 'finished']);
  expect(lab.log).toEqual([`to ${addressKey(HOME)}`, 'open dtls', 'keys', 'connected']);
  expect(lab.keys).toBe(KEYS);
  expect(lab.transport.state).toBe('connected');
  expect(lab.transport.srtpProfile).toBe('AEAD_AES_128_GCM');
});

describe('only from addresses that ICE has validated', () => {
  test('a ClientHello from elsewhere is ignored; the handshake of the right peer completes', () => {
    const lab = new Lab();
    expect(lab.dtls('hello')).toBe(false);
    lab.check(HOME);
    lab.out.clear();
    expect(lab.dtls('hello', AWAY)).toBe(false);
    expect(lab.session.received).toEqual([]);
    expect(lab.sent()).toEqual([]);
    lab.dtls('hello');
    expect(lab.dtls('fatal', AWAY)).toBe(false);
    lab.dtls('finished');
    expect(lab.transport.state).toBe('connected');
  });

  test('no longer from one that was evicted', () => {
    const lab = new Lab();
    lab.check(AWAY);
    lab.check(HOME, { useCandidate: true });
    for (let n = 0; n < MAX_REMOTE_ADDRESSES; n++) {
      lab.advance(1);
      lab.check(v4('203.0.113.1', 2000 + n));
    }
    expect(lab.dtls('hello', AWAY)).toBe(false);
    expect(lab.dtls('hello', HOME)).toBe(true);
  });
});

describe('fingerprint policy (RFC 8122 section 5)', () => {
  const right = { algorithm: 'sha-256', value: new Uint8Array(32).fill(7) } as const;
  const wrong = { algorithm: 'sha-256', value: new Uint8Array(32).fill(8) } as const;
  /** The scripted endpoint, like a library without that hash, says undefined for it. */
  const otherHash = { algorithm: 'sha-512', value: new Uint8Array(32).fill(7) } as const;
  const short = { algorithm: 'sha-256', value: new Uint8Array(31).fill(7) } as const;
  const empty = { algorithm: 'sha-256', value: new Uint8Array(0) } as const;

  test.each([
    ['the one', [right]],
    ['one of two', [wrong, right]],
    ['one beside another hash', [otherHash, right]],
  ])('accepts %s', (_, remoteFingerprints) => {
    expect(new Lab({ ...NEGOTIATED, remoteFingerprints }).connect().transport.state).toBe('connected');
  });

  test.each([
    ['another', [wrong]],
    ['none offered', []],
    ['the value under another hash', [otherHash]],
    ['a shorter one', [short]],
    ['an empty one', [empty]],
  ])('refuses %s: no keys, no last flight, session freed', (_, remoteFingerprints) => {
    const lab = new Lab({ ...NEGOTIATED, remoteFingerprints });
    lab.check(HOME);
    lab.dtls('hello');
    lab.out.clear();
    lab.dtls('finished');
    expect(lab.log.at(-1)).toBe('closed dtlsFailed');
    expect(lab.keys).toBeUndefined();
    expect(lab.sent()).toEqual([]);
    expect(lab.session.closed).toBe(true);
    expect(lab.transport.state).toBe('closed');
    expect(lab.transport.dtls.refusedCertificates).toBe(1);
    expect(lab.addresses.size).toBe(0);
  });

  test('refuses a peer without a certificate, whatever was offered', () => {
    const lab = new Lab({ ...NEGOTIATED, remoteFingerprints: [right, empty] });
    lab.session.certificate = undefined;
    lab.connect();
    expect(lab.log.at(-1)).toBe('closed dtlsFailed');
    lab.session.certificate = new Uint8Array(0);
    expect(lab.keys).toBeUndefined();
  });
});

test('no SRTP profile agreed (no use_srtp): refused', () => {
  const lab = new Lab();
  lab.session.keys = undefined;
  lab.connect();
  expect(lab.log.at(-1)).toBe('closed dtlsFailed');
  expect(lab.keys).toBeUndefined();
});

test('the endpoint gave up (no common cipher): ends at once', () => {
  const lab = new Lab();
  lab.check(HOME);
  lab.dtls('fatal');
  expect(lab.log.at(-1)).toBe('closed dtlsFailed');
});

describe('time', () => {
  test('a flight is repeated when the endpoint says so, until its answer comes', () => {
    const lab = new Lab();
    lab.check(HOME);
    lab.dtls('hello');
    lab.sent();
    lab.advance(999);
    expect(lab.sent()).toEqual([]);
    lab.advance(1);
    expect(lab.sentTexts()).toEqual(['flight']);
    lab.advance(1000);
    expect(lab.sentTexts()).toEqual(['flight']);
    lab.dtls('finished');
    lab.sent();
    lab.advance(5000);
    expect(lab.sent().filter(({ kind }) => kind === 'dtls')).toEqual([]);
  });

  test('an endpoint whose timer is due again and again does not keep the transport busy', () => {
    const lab = new Lab();
    lab.check(HOME);
    lab.session.handleTimeout = () => {};
    lab.dtls('hello');
    lab.session.retransmissionUs = 0;
    lab.advance(2000);
    expect(lab.transport.nextTimeoutUs()).toBeGreaterThan(lab.nowUs);
  });

  test.each([[[]], [['hello']]])('handshake not over 10 s after the first check (got %j): gone', (datagrams) => {
    const lab = new Lab();
    lab.advance(3000);
    lab.check(HOME);
    for (const datagram of datagrams) lab.dtls(datagram);
    for (let i = 0; i < 9; i++) {
      lab.advance(1000);
      lab.check(HOME);
    }
    lab.advance(999);
    expect(lab.transport.state).toBe('connecting');
    lab.advance(1);
    expect(lab.nowUs).toBe(START_US + 3_000_000 + DTLS_DEADLINE_US);
    expect(lab.log.at(-1)).toBe('closed dtlsFailed');
    expect(lab.addresses.size).toBe(0);
    expect(lab.remotes.size).toBe(0);
    expect(lab.session.closed).toBe(datagrams.length > 0);
  });

  test('a thousand handshakes that never finish are all gone after 10 s', () => {
    const out = new EgressPlan();
    const labs = Array.from({ length: 1000 }, () => new Lab(NEGOTIATED, undefined, 1, out));
    for (const lab of labs) {
      lab.check(HOME);
      lab.dtls('hello');
      lab.out.clear();
      lab.advance(10_000);
    }
    expect(labs.every((lab) => lab.transport.state === 'closed' && lab.session.closed)).toBe(true);
  });
});

describe('the end', () => {
  test('what the endpoint ignores (a plaintext alert) changes nothing', () => {
    const lab = new Lab().connect();
    expect(lab.dtls('plaintext alert')).toBe(true);
    expect(lab.transport.state).toBe('connected');
    expect(lab.log.at(-1)).toBe('connected');
  });

  test('close_notify of the peer', () => {
    const lab = new Lab().connect();
    lab.dtls('goodbye');
    expect(lab.log.at(-1)).toBe('closed dtlsClosed');
    expect(lab.transport.state).toBe('closed');
    expect(lab.session.closed).toBe(true);
  });

  test('closing from above says close_notify, gives the address back, reports nothing, and may be repeated', () => {
    const lab = new Lab().connect();
    const before = [...lab.log];
    lab.transport.close(lab.out);
    lab.transport.close(lab.out);
    expect(lab.sentTexts()).toEqual(['close_notify']);
    expect(lab.log).toEqual(before);
    expect(lab.remotes.size).toBe(0);
    expect(lab.transport.nextTimeoutUs()).toBe(Number.POSITIVE_INFINITY);
    lab.advance(60_000);
    expect(lab.sent()).toEqual([]);
  });

  test('closing from within `connected` holds', () => {
    const lab = new Lab();
    lab.onConnected = () => lab.transport.close(lab.out);
    lab.connect();
    expect(lab.transport.state).toBe('closed');
    expect(lab.log.at(-1)).toBe('connected');
  });

  test('a handshake is not begun again by a later hello', () => {
    const lab = new Lab().connect();
    lab.dtls('hello');
    lab.dtls('finished');
    expect(lab.log.filter((entry) => entry === 'keys' || entry === 'open dtls')).toHaveLength(2);
  });
});
