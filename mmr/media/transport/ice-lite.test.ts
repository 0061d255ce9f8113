import { describe, expect, test } from 'vitest';
import type { RemoteAddress } from '../remote-address.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import { AddressTable } from './address-table.ts';
import { MAX_REMOTE_ADDRESSES } from './ice-lite.ts';
import { addressKey } from './remote-addresses.ts';
import { bindingRequest, type CheckOptions, HOME, Lab, NEGOTIATED, v4 } from './transport-test-lab.ts';

const AWAY = v4('198.51.100.9', 6000);
const V6: RemoteAddress = { family: 6, port: 7000, bytes: Uint8Array.from({ length: 16 }, (_, i) => i + 1) };

/** Nth of as many addresses as one likes. */
function nth(n: number): RemoteAddress {
  return { family: 4, port: 1024 + (n % 50_000), bytes: Uint8Array.of(203, 0, 113, Math.floor(n / 50_000)) };
}

describe('a valid check', () => {
  test.each([HOME, V6])('is answered to where it came from, with that address and integrity', (address) => {
    const lab = new Lab();
    expect(lab.check(address)).toBe(true);
    const [answer, ...more] = lab.sentStun();
    expect(more).toEqual([]);
    expect(answer?.to).toBe(addressKey(address));
    expect(answer?.message).toMatchObject({ class: 'success', xorMappedAddress: address });
    expect(answer && verifyIntegrity(answer.message, NEGOTIATED.localPassword)).toBe(true);
    expect(answer && verifyFingerprint(answer.message)).toBe(true);
  });

  test('makes its address the destination and known to the engine, even before it is nominated', () => {
    const lab = new Lab();
    lab.check(HOME);
    expect(lab.log).toEqual([`to ${addressKey(HOME)}`]);
    expect([...lab.remotes]).toEqual([addressKey(HOME)]);
  });

  test('repeated, answers again with its own transaction id and changes nothing', () => {
    const lab = new Lab();
    const request = bindingRequest({ useCandidate: true });
    lab.stun(request);
    lab.stun(request);
    const answers = lab.sentStun();
    expect(answers).toHaveLength(2);
    for (const { message } of answers) expect(message.transactionId).toEqual(request.slice(8, 20));
    expect(lab.log).toHaveLength(1);
  });
});

describe('dropped without an answer and without a trace', () => {
  const spoiled: [string, CheckOptions][] = [
    ['unknown ufrag', { username: 'else:peer' }],
    ['unknown remote ufrag', { username: 'ours:else' }],
    ['user name without colon', { username: 'ours' }],
    ['wrong password', { password: 'a-password-of-24-lettersX' }],
    ['no MESSAGE-INTEGRITY', { password: undefined }],
    ['no FINGERPRINT', { fingerprint: false }],
    ['success response', { type: 0x0101 }],
    ['error response', { type: 0x0111 }],
    ['another method (Allocate)', { type: 0x0003 }],
    ['forged nomination', { password: 'guess', useCandidate: true }],
    ['role conflict without credentials', { password: 'guess', role: 'controlled' }],
    ['unknown attribute without credentials', { password: undefined, unknownAttribute: 0x7777 }],
  ];
  test.each(spoiled)('%s', (_, options) => {
    const lab = new Lab();
    expect(lab.check(HOME, options)).toBe(false);
    expect(lab.sent()).toEqual([]);
    expect(lab.log).toEqual([]);
    expect(lab.remotes.size).toBe(0);
    expect(lab.addresses.size).toBe(0);
  });

  test.each(spoiled)('%s at a live session leaves it as it is', (_, options) => {
    const lab = new Lab().connect();
    const before = [...lab.log];
    expect(lab.check(AWAY, options)).toBe(false);
    expect(lab.check(HOME, options)).toBe(false);
    expect(lab.sent()).toEqual([]);
    expect(lab.log).toEqual(before);
    expect(lab.destination).toBe(addressKey(HOME));
    expect(lab.transport.state).toBe('connected');
  });

  test('every truncation and every single flipped byte of a valid check', () => {
    const lab = new Lab();
    const request = bindingRequest({ useCandidate: true });
    for (let size = 0; size < request.length; size++) expect(lab.stun(request.slice(0, size))).toBe(false);
    for (let i = 0; i < request.length; i++) {
      const flipped = request.slice();
      flipped[i] = (flipped[i] as number) ^ 0x40;
      expect(lab.stun(flipped)).toBe(false);
    }
    expect(lab.sent()).toEqual([]);
    expect(lab.remotes.size).toBe(0);
  });

  test('a check from port 0', () => {
    const lab = new Lab();
    expect(lab.check({ ...HOME, port: 0 })).toBe(false);
    expect(lab.sent()).toEqual([]);
  });

  test('consent is not renewed by any of them', () => {
    const lab = new Lab().connect();
    for (let second = 0; second < 29; second++) {
      lab.advance(1000);
      for (const [, options] of spoiled) lab.check(HOME, options);
    }
    lab.advance(1000);
    expect(lab.log.at(-1)).toBe('closed consentExpired');
  });
});

test('a spoofed-source flood gets no answer, keeps nothing, and a live session goes on', () => {
  const lab = new Lab().connect();
  for (let n = 0; n < 10_000; n++) expect(lab.check(nth(n), { password: 'guess', useCandidate: true })).toBe(false);
  expect(lab.sent()).toEqual([]);
  expect(lab.ice.validatedCount).toBe(1);
  expect(lab.addresses.size).toBe(1);
  expect(lab.destination).toBe(addressKey(HOME));
});

describe('error responses go to authenticated checks only', () => {
  test('487 when the peer takes itself for controlled (RFC 8445 section 7.3.1.1): no address is validated', () => {
    const lab = new Lab();
    expect(lab.check(HOME, { role: 'controlled', useCandidate: true })).toBe(true);
    const [answer] = lab.sentStun();
    expect(answer?.message).toMatchObject({ class: 'error', errorCode: 487 });
    expect(answer && verifyIntegrity(answer.message, NEGOTIATED.localPassword)).toBe(true);
    expect(lab.remotes.size).toBe(0);
    expect(lab.ice.roleConflicts).toBe(1);
  });

  test('420 for an attribute that must be understood (RFC 8489 section 6.3.1)', () => {
    const lab = new Lab();
    expect(lab.check(HOME, { unknownAttribute: 0x7777 })).toBe(true);
    expect(lab.sentStun()[0]?.message).toMatchObject({ class: 'error', errorCode: 420 });
    expect(lab.remotes.size).toBe(0);
  });

  test('an attribute that may be ignored is ignored', () => {
    const lab = new Lab();
    lab.check(HOME, { unknownAttribute: 0xc057 });
    expect(lab.sentStun()[0]?.message.class).toBe('success');
  });
});

describe('binding indication (RFC 8445 section 11)', () => {
  test.each([
    [HOME, true],
    [AWAY, false],
  ])('is taken from validated addresses only, unanswered', (address, taken) => {
    const lab = new Lab().connect();
    expect(lab.stun(bindingRequest({ type: 0x0011 }), address)).toBe(taken);
    expect(lab.sent()).toEqual([]);
  });

  test('does not renew consent', () => {
    const lab = new Lab().connect();
    for (let second = 0; second < 30; second++) {
      lab.stun(bindingRequest({ type: 0x0011, password: undefined }));
      lab.advance(1000);
    }
    expect(lab.log.at(-1)).toBe('closed consentExpired');
  });
});

describe('addresses are capped', () => {
  test('10 000 valid ones: the oldest go, the selected one stays, the engine knows exactly those kept', () => {
    const lab = new Lab().connect();
    for (let n = 0; n < 10_000; n++) {
      lab.advance(0.1);
      lab.check(nth(n));
      lab.out.clear();
    }
    expect(lab.ice.validatedCount).toBe(MAX_REMOTE_ADDRESSES);
    expect(lab.ice.evicted).toBe(10_000 + 1 - MAX_REMOTE_ADDRESSES);
    expect(lab.addresses.size).toBe(MAX_REMOTE_ADDRESSES);
    const kept = [HOME, ...Array.from({ length: MAX_REMOTE_ADDRESSES - 1 }, (_, i) => nth(9_999 - i))];
    expect([...lab.remotes].sort()).toEqual(kept.map(addressKey).sort());
    expect(lab.destination).toBe(addressKey(HOME));
  });

  test('an address in use is not the oldest', () => {
    const lab = new Lab();
    for (let n = 0; n < 100; n++) {
      lab.advance(1);
      lab.check(AWAY);
      lab.check(nth(n));
    }
    expect(lab.ice.isValidated(AWAY)).toBe(true);
  });
});

describe('an address has one owner', () => {
  function twoLabs(): [Lab, Lab] {
    const addresses = new AddressTable();
    return [new Lab(NEGOTIATED, addresses, 1), new Lab(NEGOTIATED, addresses, 2)];
  }

  test('a participant cannot draw to himself the address of another by forging it', () => {
    const [victim, thief] = twoLabs();
    victim.connect();
    expect(thief.check(HOME, { useCandidate: true })).toBe(false);
    expect(thief.sent()).toEqual([]);
    expect(thief.remotes.size).toBe(0);
    expect(victim.addresses.refused).toBe(1);
    thief.transport.close(thief.out);
    expect(victim.check(HOME)).toBe(true);
    expect(victim.remotes.has(addressKey(HOME))).toBe(true);
  });

  test('a freed address goes to the next participant, whose own it stays when the former transport ends', () => {
    const [former, next] = twoLabs();
    former.connect();
    former.advance(15_000);
    next.nowUs = former.nowUs;
    expect(next.check(HOME)).toBe(true);
    expect(former.check(HOME)).toBe(false);
    former.transport.close(former.out);
    // The engine knows one owner per address: had the former one taken it away, `next` would be deaf.
    expect(former.remotes.has(addressKey(HOME))).toBe(true);
    expect(next.addresses.size).toBe(1);
    expect(next.check(HOME)).toBe(true);
  });

  test('the former owner has it back when the next one left, and the engine is told', () => {
    const [former, next] = twoLabs();
    former.connect();
    former.advance(15_000);
    next.nowUs = former.nowUs;
    next.check(HOME);
    // As the engine does it: one owner per address.
    former.remotes.delete(addressKey(HOME));
    next.transport.close(next.out);
    expect(former.check(HOME)).toBe(true);
    expect(former.remotes.has(addressKey(HOME))).toBe(true);
  });

  test('closing gives it free at once', () => {
    const [former, next] = twoLabs();
    former.connect();
    former.transport.close(former.out);
    expect(former.remotes.size).toBe(0);
    expect(next.check(HOME)).toBe(true);
  });
});

describe('time', () => {
  test('never a valid check: ends after 15 s', () => {
    const lab = new Lab();
    lab.advance(14_999);
    lab.check(HOME, { password: 'guess' });
    expect(lab.log).toEqual([]);
    lab.advance(1);
    expect(lab.log).toEqual(['closed neverConnected']);
    expect(lab.transport.state).toBe('closed');
    expect(lab.timeoutUs).toBe(Number.POSITIVE_INFINITY);
  });

  test('consent: the session lives on checks alone, and ends 30 s after the last one (RFC 7675 section 5.1)', () => {
    const lab = new Lab().connect();
    for (let i = 0; i < 100; i++) {
      lab.advance(29_999);
      lab.check(HOME);
    }
    lab.out.clear();
    lab.advance(29_999);
    expect(lab.transport.state).toBe('connected');
    lab.out.clear();
    lab.advance(1);
    expect(lab.log.at(-1)).toBe('closed consentExpired');
    expect(lab.remotes.size).toBe(0);
    expect(lab.addresses.size).toBe(0);
    expect(lab.session.closed).toBe(true);
    lab.out.clear();
    lab.advance(60_000);
    expect(lab.check(HOME)).toBe(false);
    expect(lab.dtls('hello')).toBe(false);
    expect(lab.sent()).toEqual([]);
    expect(lab.log.filter((entry) => entry.startsWith('closed'))).toHaveLength(1);
  });

  test('no room in the plan: the check is dropped, the next one works', () => {
    const lab = new Lab();
    lab.out.sideSize = lab.out.side.length - 10;
    expect(lab.check(HOME)).toBe(false);
    expect(lab.log).toEqual([]);
    lab.out.clear();
    expect(lab.check(HOME)).toBe(true);
  });
});
