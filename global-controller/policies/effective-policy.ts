/**
 * What holds for a meeting in a zone. The zone, the account and the meeting each may say something, and the strictest
 * counts: nobody can loosen what another has tied. Where none of them says anything, the default does, then BUILT_IN.
 */
import { BUILT_IN, type Guests, type Overflow, type PolicyRules, type Residency } from './policy.ts';

export interface PolicyLayers {
  readonly zone: PolicyRules | undefined;
  readonly account: PolicyRules | undefined;
  readonly meeting: PolicyRules | undefined;
  readonly default: PolicyRules | undefined;
}

/** Who said it; `builtIn` when nobody did; `residency` when that leaves no choice. */
export type PolicySource = keyof PolicyLayers | 'builtIn' | 'residency';

export interface EffectivePolicy {
  readonly residency: Residency;
  /** Of no importance where the residency is `anywhere`. */
  readonly guests: Guests;
  readonly overflow: Overflow;
  readonly from: Readonly<Record<keyof PolicyRules, PolicySource>>;
  /** Where two say what cannot both be: the strictest holds instead, which neither of them has said. For operators. */
  readonly contradictions: readonly string[];
}

interface Said<Value> {
  readonly value: Value;
  readonly from: PolicySource;
}

export function effectivePolicy(layers: PolicyLayers): EffectivePolicy {
  const contradictions: string[] = [];
  const residency = strictest(said(layers, 'residency', BUILT_IN.residency), residencyRank);
  const guestsSaid = said(layers, 'guests', BUILT_IN.guests);
  const guests = agreed(guestsSaid, guestsRank, 'none', contradictions, 'guests');
  const overflowSaid = said(layers, 'overflow', BUILT_IN.overflow);
  const overflow: Said<Overflow> =
    residency.value === 'local'
      ? { value: 'never', from: 'residency' }
      : agreed(overflowSaid, overflowRank, 'never', contradictions, 'overflow');
  return {
    residency: residency.value,
    guests: guests.value,
    overflow: overflow.value,
    from: { residency: residency.from, guests: guests.from, overflow: overflow.from },
    contradictions,
  };
}

/** By whom what is said; at least one. */
function said<Name extends keyof PolicyRules>(
  layers: PolicyLayers,
  name: Name,
  builtIn: NonNullable<PolicyRules[Name]>,
): readonly Said<NonNullable<PolicyRules[Name]>>[] {
  const by = (from: keyof PolicyLayers): Said<NonNullable<PolicyRules[Name]>>[] => {
    const value = layers[from]?.[name];
    return value === undefined ? [] : [{ value, from }];
  };
  const own = [...by('zone'), ...by('account'), ...by('meeting')];
  if (own.length > 0) return own;
  return [...by('default'), { value: builtIn, from: 'builtIn' as const }].slice(0, 1);
}

/** The first of those with the lowest rank. */
function strictest<Value>(all: readonly Said<Value>[], rank: (value: Value) => number): Said<Value> {
  return all.reduce((best, next) => (rank(next.value) < rank(best.value) ? next : best));
}

/** The strictest; if two are as strict and differ, `otherwise`. */
function agreed<Value>(
  all: readonly Said<Value>[],
  rank: (value: Value) => number,
  otherwise: Value,
  contradictions: string[],
  name: string,
): Said<Value> {
  const best = strictest(all, rank);
  const other = all.find(({ value }) => rank(value) === rank(best.value) && !isSame(value, best.value));
  if (other === undefined) return best;
  const words = [best, other].map(({ value, from }) => `${describeRule(value)} (${from})`);
  contradictions.push(`${name}: ${words.join(' and ')} cannot both be, so it is ${describeRule(otherwise)}`);
  return { value: otherwise, from: other.from };
}

function residencyRank(value: Residency): number {
  return value === 'local' ? 0 : 1;
}

function guestsRank(value: Guests): number {
  return value === 'none' ? 0 : 1;
}

function overflowRank(value: Overflow): number {
  if (value === 'never') return 0;
  return value === 'any' ? 2 : 1;
}

function isSame(a: unknown, b: unknown): boolean {
  return describeRule(a) === describeRule(b);
}

/** `local`, `via eu-1`, `zone eu-1`. */
export function describeRule(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([name, zone]) => `${name} ${zone}`)
    .join(' ');
}
