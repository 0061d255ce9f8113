/** What the configuration says about the meeting service: sections `meetings`, `identity` and `audit`. */
import { z } from 'zod';
import { identityConfig } from './identity/identity-config.ts';

export const serviceFields = {
  meetings: z
    .strictObject({
      anonymous: z.boolean().default(true).describe('Whether who has no token may make meetings (not plan them).'),
    })
    .prefault({}),
  identity: identityConfig.optional().describe('Whose word counts for who people are. Without it: nobody can sign in.'),
  audit: z
    .strictObject({ file: z.string().optional().describe('Where to. Without it: into the log.') })
    .prefault({})
    .describe('What hosts and operators do, a JSON line each.'),
};

export type ServiceConfig = z.output<z.ZodObject<typeof serviceFields>>;
