/** Which of its validated addresses a transport sends to: nominations, NAT rebinds, agents that nominate everything. */
import { describe, expect, test } from 'vitest';
import type { RemoteAddress } from '../remote-address.ts';
import { addressKey } from './remote-addresses.ts';
import { HOME, Lab, v4 } from './transport-test-lab.ts';

const AWAY = v4('198.51.100.9', 6000);
const V6: RemoteAddress = { family: 6, port: 7000, bytes: Uint8Array.from({ length: 16 }, (_, i) => i + 1) };

describe('selected path', () => {
  test('follows nominations', () => {
    const lab = new Lab();
    lab.check(HOME);
    lab.check(AWAY);
    expect(lab.destination).toBe(addressKey(HOME));
    lab.check(AWAY, { useCandidate: true });
    expect(lab.destination).toBe(addressKey(AWAY));
    lab.check(HOME);
    expect(lab.destination).toBe(addressKey(AWAY));
  });

  test('NAT rebind in mid-call: the first nominated check from the new address switches at once', () => {
    const lab = new Lab().connect();
    lab.advance(60);
    lab.check(AWAY, { useCandidate: true });
    expect(lab.destination).toBe(addressKey(AWAY));
    expect(lab.remotes.has(addressKey(AWAY))).toBe(true);
    expect(lab.ice.pathSwitches).toBe(1);
    expect(lab.log.filter((entry) => entry === 'keys')).toHaveLength(1);
  });

  test('NAT rebind of Firefox, which checks every 4 to 6 s and nominates only once: its first check switches', () => {
    const lab = new Lab().connect();
    lab.advance(4000);
    lab.check(AWAY);
    expect(lab.destination).toBe(addressKey(AWAY));
  });

  test('a new spare pair of an agent that checks its selected one every 2.5 s is no rebinding', () => {
    const lab = new Lab().connect();
    lab.advance(2500);
    lab.check(AWAY);
    expect(lab.destination).toBe(addressKey(HOME));
  });

  test('an address known before takes over without nomination when the path has been silent for 10 s', () => {
    const lab = new Lab().connect();
    lab.check(AWAY);
    lab.advance(9999);
    lab.check(AWAY);
    expect(lab.destination).toBe(addressKey(HOME));
    lab.advance(1);
    lab.check(AWAY);
    expect(lab.destination).toBe(addressKey(AWAY));
  });

  test('a second path that is merely kept alive does not take over', () => {
    const lab = new Lab().connect();
    for (let i = 0; i < 10; i++) {
      lab.advance(5000);
      lab.check(HOME, { useCandidate: true });
      lab.check(AWAY);
    }
    expect(lab.destination).toBe(addressKey(HOME));
    expect(lab.ice.pathSwitches).toBe(0);
  });

  describe('an agent that nominates every pair it checks (Firefox)', () => {
    /** It nominated HOME and AWAY, our answers to AWAY are lost on the way, and it uses HOME. */
    function aggressive(): Lab {
      const lab = new Lab();
      lab.check(HOME, { useCandidate: true });
      lab.check(AWAY, { useCandidate: true });
      lab.dtls('hello', HOME);
      return lab;
    }

    test('its handshake tells which of them it uses: the answer goes there', () => {
      const lab = aggressive();
      expect(lab.destination).toBe(addressKey(HOME));
      expect(lab.sent().map(({ kind }) => kind)).toEqual(['stun', 'stun', 'dtls']);
    });

    test('checks of the pair that got no answer are repeated, and change nothing during the handshake and after', () => {
      const lab = aggressive();
      for (let i = 0; i < 4; i++) {
        lab.advance(1000);
        lab.check(AWAY, { useCandidate: true });
        expect(lab.destination).toBe(addressKey(HOME));
      }
      lab.dtls('finished', HOME);
      lab.advance(5000);
      lab.check(HOME);
      lab.check(AWAY, { useCandidate: true });
      expect(lab.destination).toBe(addressKey(HOME));
    });

    test('a first nomination switches at once, and later any does', () => {
      const lab = aggressive();
      lab.dtls('finished', HOME);
      lab.check(V6, { useCandidate: true });
      expect(lab.destination).toBe(addressKey(V6));
      lab.advance(5000);
      lab.check(V6);
      lab.advance(5000);
      lab.check(AWAY, { useCandidate: true });
      expect(lab.destination).toBe(addressKey(AWAY));
    });

    test('a pair over TCP that is nominated after the handshake does not take over from one over UDP that is heard', () => {
      const lab = aggressive();
      lab.dtls('finished', HOME);
      lab.advance(200);
      lab.check(V6, { useCandidate: true, preference: 80 });
      expect(lab.destination).toBe(addressKey(HOME));
      // The way back is open to either.
      lab.advance(3_000);
      lab.check(HOME);
      lab.advance(8_000);
      lab.check(V6, { useCandidate: true, preference: 80 });
      expect(lab.destination).toBe(addressKey(V6));
    });

    test('one over TCP is the path at once where UDP is silent', () => {
      const lab = aggressive();
      lab.dtls('finished', HOME);
      lab.advance(4_000);
      lab.check(V6, { useCandidate: true, preference: 80 });
      expect(lab.destination).toBe(addressKey(V6));
    });

    test('DTLS after the handshake moves nothing, nor does DTLS from elsewhere', () => {
      const lab = aggressive();
      expect(lab.dtls('hello', V6)).toBe(false);
      lab.dtls('finished', HOME);
      lab.dtls('hello', AWAY);
      expect(lab.destination).toBe(addressKey(HOME));
    });
  });

  test('IPv4 and IPv6 alike', () => {
    const lab = new Lab().connect();
    lab.check(V6, { useCandidate: true });
    expect(lab.destination).toBe(addressKey(V6));
  });
});
