/**
 * Rules about where people and media may be. A policy says as much as it wants; what it leaves out, others say
 * (`effective-policy.ts`).
 */
import { z } from 'zod';
import { zoneName } from '../zones/zone-name.ts';

/** `local`: people of the zone are placed only there, and media of its meetings leaves it only as `guests` says. */
const residency = z.enum(['anywhere', 'local']);
/** Who takes part in a local meeting from elsewhere: nobody, or people who are placed in the zone `via`. */
const guests = z.union([z.literal('none'), z.object({ via: zoneName })]);
/** Where people go when the zone is full. */
const overflow = z.union([z.enum(['never', 'any']), z.object({ zone: zoneName })]);

export type Residency = z.output<typeof residency>;
export type Guests = z.output<typeof guests>;
export type Overflow = z.output<typeof overflow>;

export const policyRules = z.object({
  residency: residency.optional(),
  guests: guests.optional(),
  overflow: overflow.optional(),
});
/** What a policy says. */
export type PolicyRules = z.output<typeof policyRules>;

/** What operators write: a misspelt rule must not be no rule. */
export const policyWish = z.strictObject(policyRules.shape);

/** As it is kept. The revision grows by 1 with every change. A policy is not deleted: it comes to say nothing. */
export const policyRecord = policyRules.extend({ revision: z.int().min(1) });
export type PolicyRecord = z.output<typeof policyRecord>;

/** What holds where nobody says anything. */
export const BUILT_IN = { residency: 'anywhere', guests: 'none', overflow: 'any' } as const satisfies PolicyRules;
