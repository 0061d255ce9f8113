import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DropReason } from '../drop-reason.ts';
import { EgressPlan } from '../egress/egress-plan.ts';
import { MediaWorkerLab } from '../packet-path-test-lab.ts';
import { labMedia } from '../packet-path-test-media.ts';
import type { RemoteAddress } from '../remote-address.ts';
import { fromHex } from '../rtp/from-hex.ts';
import { verifyFingerprint, verifyIntegrity } from '../stun/stun-integrity.ts';
import { parseStun, type StunMessage } from '../stun/stun-message.ts';
import { RFC5769_PASSWORD, SAMPLE_REQUEST } from '../stun/stun-vectors.ts';
import { PROBES_PER_SECOND, ProbeResponder } from './probe-responder.ts';
import { bindingRequest, type CheckOptions, v4 } from './transport-test-lab.ts';

const SEED = 77;
const UFRAG = 'probe/4h2k1';
const PASSWORD = 'what-the-zone-has-told-everybody';
const CLIENT = v4('198.51.100.7', 40_000);

/** Asks a responder of its own; the plan has what it says. */
class ProbeLab {
  readonly probes = new ProbeResponder();
  readonly plan = new EgressPlan();
  nowUs = 5_000_000;

  constructor(ufrag = UFRAG, password = PASSWORD) {
    this.probes.use([{ ufrag, password }]);
  }

  ask(bytes: Uint8Array, address: RemoteAddress = CLIENT): DropReason {
    const message = parseStun(bytes, 0, bytes.length) as StunMessage;
    return this.probes.handle(this.nowUs, message.username?.split(':')[0] ?? '', message, address, this.plan);
  }

  answer(): Uint8Array {
    expect(this.plan.count).toBe(1);
    return this.plan.side.slice(0, this.plan.sideSize);
  }
}

function check(options: CheckOptions = {}): Uint8Array {
  return bindingRequest({ username: `${UFRAG}:browser`, password: PASSWORD, ...options });
}

describe('a probe', () => {
  test('is answered: the sample request of RFC 5769 section 2.1, with the address that it came from', () => {
    const lab = new ProbeLab('evtj', RFC5769_PASSWORD);
    expect(lab.ask(fromHex(SAMPLE_REQUEST), v4('192.0.2.1', 32_853))).toBe(DropReason.none);
    const bytes = lab.answer();
    const message = parseStun(bytes, 0, bytes.length) as StunMessage;
    // As in section 2.2, but for SOFTWARE, which we do not say.
    expect(message).toMatchObject({
      class: 'success',
      transactionId: fromHex('b7e7a701bc34d686fa87dfae'),
      xorMappedAddress: { family: 4, port: 32_853, bytes: fromHex('c0000201') },
    });
    expect(verifyIntegrity(message, RFC5769_PASSWORD)).toBe(true);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test.each([CLIENT, { family: 6, port: 9, bytes: new Uint8Array(16).fill(3) } as const])(
    'the answer is smaller than any question that is answered',
    (address) => {
      const shortest = new ProbeLab('probe/1', PASSWORD);
      const question = bindingRequest({ username: 'probe/1:abcd', password: PASSWORD, role: 'none' });
      expect(shortest.ask(question, address)).toBe(DropReason.none);
      expect(shortest.answer().length).toBeLessThanOrEqual(question.length);
    },
  );

  test.each<[string, CheckOptions, DropReason]>([
    ['of another time', { username: 'probe/4h2k0:browser' }, DropReason.probeExpired],
    ['of nobody', { username: 'probe/:browser' }, DropReason.probeExpired],
    ['with another password', { password: 'wrong' }, DropReason.probeInvalid],
    ['without integrity', { password: undefined }, DropReason.probeInvalid],
    ['without fingerprint', { fingerprint: false }, DropReason.probeInvalid],
    ['that is an answer', { type: 0x0101 }, DropReason.probeInvalid],
    ['that is an indication', { type: 0x0011 }, DropReason.probeInvalid],
    ['of another method', { type: 0x0003 }, DropReason.probeInvalid],
    ['with what is not understood', { unknownAttribute: 0x7777 }, DropReason.probeInvalid],
  ])('%s is not answered', (_, options, reason) => {
    const lab = new ProbeLab();
    expect(lab.ask(check(options))).toBe(reason);
    expect(lab.plan.count).toBe(0);
  });

  test('of any bytes but the right ones is not answered', () => {
    const question = check();
    fc.assert(
      fc.property(fc.nat(question.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const bytes = question.slice();
        bytes[at] = (bytes[at] as number) ^ change;
        if (parseStun(bytes, 0, bytes.length) === undefined) return;
        const lab = new ProbeLab();
        expect(lab.ask(bytes)).not.toBe(DropReason.none);
        expect(lab.plan.count).toBe(0);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('new credentials take the place of the old ones', () => {
    const lab = new ProbeLab();
    lab.probes.use([{ ufrag: 'probe/next', password: PASSWORD }]);
    expect(lab.ask(check())).toBe(DropReason.probeExpired);
    expect(lab.ask(check({ username: 'probe/next:browser' }))).toBe(DropReason.none);
  });

  test('more than a thousand a second are not looked at, right or wrong', () => {
    const lab = new ProbeLab();
    const question = check();
    const wrong = check({ password: 'wrong' });
    const ask = (count: number): number => {
      let flooded = 0;
      for (let i = 0; i < count; i++) {
        lab.plan.clear();
        if (lab.ask(i % 2 === 0 ? question : wrong) === DropReason.probeFlood) flooded++;
      }
      return flooded;
    };
    expect(ask(PROBES_PER_SECOND)).toBe(0);
    expect(ask(10)).toBe(10);
    lab.nowUs += 10_000;
    expect(ask(20)).toBe(10);
    lab.nowUs += 60_000_000;
    expect(ask(PROBES_PER_SECOND + 1)).toBe(1);
  });
});

describe('on the way of packets', () => {
  test('each ends in one counter, leaves no transport, and disturbs nobody', () => {
    const lab = new MediaWorkerLab();
    lab.enter('ann', labMedia({ ssrc: 100 }));
    lab.path.probes.use([{ ufrag: UFRAG, password: PASSWORD }]);
    const { consumed } = lab.path;
    const sent = lab.path.planned;
    lab.receive('eve', check());
    lab.receive('eve', check({ password: 'wrong' }));
    lab.receive('eve', check({ username: 'probe/old:browser' }));
    // Without a credential it is like any other unknown name.
    lab.receive('eve', check({ username: 'probes:browser' }));
    lab.run();
    expect(lab.path.consumed).toBe(consumed + 1);
    expect(lab.path.planned).toBe(sent + 1);
    const { probeExpired, probeInvalid, probeFlood, stunInvalid } = DropReason;
    const drops = [probeExpired, probeInvalid, probeFlood, stunInvalid].map((reason) => lab.path.drops[reason]);
    expect(drops).toEqual([1, 1, 0, 1]);
    expect(lab.accountedFor).toBe(lab.path.received);
    expect(lab.registry.byHandle.filter((peer) => peer !== undefined)).toHaveLength(1);
    // DTLS that a browser starts after its check leads nowhere.
    lab.receive('eve', Uint8Array.of(22, 254, 253, 0));
    lab.run();
    expect(lab.path.drops[DropReason.unknownAddress]).toBe(1);
  });
});
