/** What the configuration says about the meeting service: sections `meetings`, `identity` and `audit`. */
import { z } from 'zod';
import { auditSettings } from '../../common/config-fields.ts';
import { identityConfig } from './identity/identity-config.ts';

export const serviceFields = {
  meetings: z
    .strictObject({
      anonymous: z.boolean().default(true).describe('Whether who has no token may make meetings (not plan them).'),
    })
    .prefault({}),
  identity: identityConfig.optional().describe('Whose word counts for who people are. Without it: nobody can sign in.'),
  audit: auditSettings,
};

export type ServiceConfig = z.output<z.ZodObject<typeof serviceFields>>;
