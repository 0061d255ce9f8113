import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ZoneId } from '../../common/ids.ts';
import { describeRule, effectivePolicy } from './effective-policy.ts';
import { Policies } from './policies.ts';
import { type PolicyRules, policyRecord, policyWish } from './policy.ts';
import { DEFAULT_SCOPE, type PolicyScope, policyKey, readPolicyScope, scopeName } from './policy-scope.ts';

const SEED = 41;
const ZONES = new Set(['eu', 'us', 'clinic'] as ZoneId[]);
const [EU, US, CLINIC] = ['eu', 'us', 'clinic'] as [ZoneId, ZoneId, ZoneId];
const ofZone = (id: string): PolicyScope => ({ kind: 'zone', id });
const ofAccount = (id: string): PolicyScope => ({ kind: 'account', id });
const LOCAL: PolicyRules = { residency: 'local', guests: { via: EU } };

const zone = fc.constantFrom(...ZONES);
const rules = fc.record<PolicyRules>(
  {
    residency: fc.constantFrom('anywhere', 'local'),
    guests: fc.oneof(
      fc.constant('none' as const),
      zone.map((via) => ({ via })),
    ),
    overflow: fc.oneof(
      fc.constantFrom('never' as const, 'any' as const),
      zone.map((to) => ({ zone: to })),
    ),
  },
  { requiredKeys: [] },
);
const NOTHING = { zone: undefined, account: undefined, meeting: undefined, default: undefined };
const strictness = ({ residency, guests, overflow }: ReturnType<typeof effectivePolicy>): number[] => [
  residency === 'local' ? 0 : 1,
  guests === 'none' ? 0 : 1,
  overflow === 'never' ? 0 : overflow === 'any' ? 2 : 1,
];

describe('what holds', () => {
  test.each([
    ['nobody says anything', {}, 'anywhere', 'none', 'any', 'builtIn builtIn builtIn'],
    [
      'the default fills what is left out',
      { default: { overflow: 'never' } },
      'anywhere',
      'none',
      'never',
      'builtIn builtIn default',
    ],
    [
      'who says something outweighs the default',
      { default: LOCAL, zone: { residency: 'anywhere' } },
      'anywhere',
      'via eu',
      'any',
      'zone default builtIn',
    ],
    ['a zone that is local', { zone: LOCAL }, 'local', 'via eu', 'never', 'zone zone residency'],
    [
      'an account cannot loosen its zone',
      { zone: LOCAL, account: { residency: 'anywhere', overflow: 'any' } },
      'local',
      'via eu',
      'never',
      'zone zone residency',
    ],
    [
      'a meeting ties what is loose',
      { zone: LOCAL, meeting: { guests: 'none' } },
      'local',
      'none',
      'never',
      'zone meeting residency',
    ],
    [
      'one zone for overflow is stricter than any',
      { zone: { overflow: 'any' }, account: { overflow: { zone: US } } },
      'anywhere',
      'none',
      'zone us',
      'builtIn builtIn account',
    ],
  ] satisfies [string, Partial<Parameters<typeof effectivePolicy>[0]>, string, string, string, string][])(
    '%s',
    (_, layers, residency, guests, overflow, from) => {
      const policy = effectivePolicy({ ...NOTHING, ...layers });
      expect([policy.residency, policy.guests, policy.overflow].map(describeRule)).toEqual([
        residency,
        guests,
        overflow,
      ]);
      expect(Object.values(policy.from).join(' ')).toBe(from);
      expect(policy.contradictions).toEqual([]);
    },
  );

  test('two ways in that differ leave none, and it is said', () => {
    const policy = effectivePolicy({ ...NOTHING, zone: LOCAL, account: { guests: { via: US } } });
    expect(policy.guests).toBe('none');
    expect(policy.contradictions).toEqual(['guests: via eu (zone) and via us (account) cannot both be, so it is none']);
  });

  test('who says more never makes it looser', () => {
    fc.assert(
      fc.property(rules, rules, rules, (ofOne, ofOther, more) => {
        const before = effectivePolicy({
          ...NOTHING,
          zone: { ...ofOne, residency: 'anywhere', overflow: 'any', guests: { via: EU } },
          account: ofOther,
        });
        const after = effectivePolicy({
          ...NOTHING,
          zone: { ...ofOne, residency: 'anywhere', overflow: 'any', guests: { via: EU } },
          account: ofOther,
          meeting: more,
        });
        for (const [index, value] of strictness(after).entries())
          expect(value).toBeLessThanOrEqual(strictness(before)[index] ?? 0);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('revisions', () => {
  test('whatever the order in which they come, the highest holds', () => {
    const versions = fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 });
    fc.assert(
      fc.property(versions, (revisions) => {
        const policies = new Policies();
        for (const revision of revisions) {
          const before = policies.revision(ofZone('eu'));
          expect(policies.put(ofZone('eu'), { revision, overflow: { zone: `z${revision}` as ZoneId } })).toBe(
            revision > before,
          );
        }
        const highest = Math.max(...revisions);
        expect(policies.get(ofZone('eu'))).toEqual({ revision: highest, overflow: { zone: `z${highest}` } });
      }),
      { seed: SEED },
    );
  });

  test('a rule that was taken back does not come back', () => {
    const policies = new Policies();
    policies.put(ofZone('clinic'), { revision: 1, ...LOCAL });
    policies.put(ofZone('clinic'), { revision: 2 });
    policies.put(ofZone('clinic'), { revision: 1, ...LOCAL });
    expect(policies.effective(CLINIC).residency).toBe('anywhere');
  });

  test('only who has seen the last one changes it', () => {
    const policies = new Policies();
    const first = policies.change(ofAccount('acme'), { overflow: 'never' }, 0, ZONES);
    expect(first).toEqual({ type: 'change', policy: { overflow: 'never', revision: 1 } });
    policies.put(ofAccount('acme'), { overflow: 'never', revision: 1 });
    expect(policies.change(ofAccount('acme'), {}, 0, ZONES)).toEqual({ type: 'stale', revision: 1 });
    expect(policies.change(ofAccount('acme'), {}, 1, ZONES)).toEqual({ type: 'change', policy: { revision: 2 } });
    expect(policies.effective(EU, 'acme').overflow).toBe('never');
  });
});

describe('contradictions are refused', () => {
  const LOCAL_OVERFLOW =
    'residency local keeps people in the zone, but overflow sends them elsewhere; overflow has to be never';
  test.each<[PolicyScope, PolicyRules, string]>([
    [ofZone('clinic'), { ...LOCAL, overflow: 'any' }, `zone.clinic: ${LOCAL_OVERFLOW}`],
    [
      ofZone('eu'),
      { residency: 'anywhere', guests: { via: US } },
      'zone.eu: guests can come via a zone only where residency is local; here it is anywhere',
    ],
    [ofZone('eu'), { guests: { via: EU } }, 'zone.eu: guests via eu names the zone itself'],
    [ofZone('eu'), { overflow: { zone: EU } }, 'zone.eu: overflow to eu names the zone itself'],
    [ofZone('mars'), {}, 'zone.mars: there is no zone mars'],
    [DEFAULT_SCOPE, { overflow: { zone: 'mars' as ZoneId } }, 'default: overflow to mars: there is no such zone'],
    [
      ofAccount('acme'),
      { overflow: { zone: CLINIC } },
      'account.acme: overflow to clinic: residency is local there, so it takes no people of others',
    ],
    [
      ofZone('eu'),
      { residency: 'local' },
      'zone.clinic: guests via eu: residency is local there, so it takes no people of others',
    ],
  ])('%o', (scope, wish, problem) => {
    const policies = new Policies();
    policies.put(ofZone('clinic'), { ...LOCAL, revision: 3 });
    expect(policies.change(scope, wish, policies.revision(scope), ZONES)).toEqual({
      type: 'refused',
      problems: [problem],
    });
  });

  test('but what was wrong before (a zone is gone) does not keep others from being changed', () => {
    const policies = new Policies();
    policies.put(ofZone('gone'), { residency: 'local', guests: { via: 'gone-too' as ZoneId }, revision: 1 });
    expect(policies.change(ofZone('eu'), { overflow: 'never' }, 0, ZONES).type).toBe('change');
    expect(policies.change(ofZone('gone'), {}, 1, ZONES).type).toBe('change');
  });

  test('what is taken leaves no contradiction', () => {
    const scope = fc.oneof(fc.constant(DEFAULT_SCOPE), zone.map(ofZone), fc.constant(ofAccount('acme')));
    fc.assert(
      fc.property(fc.array(fc.record({ scope, rules }), { maxLength: 12 }), (wishes) => {
        const policies = new Policies();
        for (const { scope: of, rules: wish } of wishes) {
          const change = policies.change(of, wish, policies.revision(of), ZONES);
          if (change.type === 'change') policies.put(of, change.policy);
        }
        for (const each of ZONES) {
          const { residency, guests, overflow } = policies.effective(each);
          if (residency === 'local') expect(overflow).toBe('never');
          if (residency === 'local' && typeof guests === 'object') {
            expect(guests.via).not.toBe(each);
            expect(policies.effective(guests.via).residency).toBe('anywhere');
          }
        }
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('texts', () => {
  test.each(['default', 'zone.eu-1', 'account.acme', 'zone.eu.north'])('%s', (text) => {
    const scope = readPolicyScope(text);
    expect(scope && scopeName(scope)).toBe(text);
    expect(readPolicyScope(scope ? policyKey(scope) : '')).toEqual(scope);
  });

  test.each(['', 'Default', 'zone', 'zone.', 'meeting.1', 'zone.a b', `zone.${'x'.repeat(65)}`])(
    '%j is no scope',
    (text) => {
      expect(readPolicyScope(text)).toBeUndefined();
    },
  );

  test('operators cannot misspell a rule, newer releases may add one', () => {
    expect(policyWish.safeParse({ residence: 'local' }).success).toBe(false);
    expect(policyWish.safeParse({ guests: { through: 'eu' } }).success).toBe(false);
    expect(policyRecord.parse({ revision: 1, tomorrow: 1 })).toEqual({ revision: 1 });
    expect(policyRecord.safeParse({ revision: 0 }).success).toBe(false);
  });
});
