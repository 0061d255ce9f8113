/** Which identity providers a zone trusts: the section `identity` of the configuration. docs/identity.md. */
import { z } from 'zod';
import { isSafeBase, isSafeUrl } from './safe-url.ts';

const texts = z.array(z.string().min(1).max(256));
const claim = z.string().min(1).max(128);

const issuer = z
  .strictObject({
    issuer: z.string().min(1).max(512).describe('Its name, exactly as in the `iss` of its tokens.'),
    audience: texts.min(1).describe('What `aud` has to hold at least one of.'),
    jwksUri: z
      .url({ protocol: /^https?$/ })
      .refine(isSafeUrl, 'must be https (http only on loopback), without a password')
      .optional()
      .describe('Where it publishes its keys. Without it and jwksFile: where OpenID Connect Discovery says.'),
    jwksFile: z.string().optional().describe('In place of it: a file with its keys (JWK set). SIGHUP reads it again.'),
    claims: z
      .strictObject({
        name: claim.default('name').describe('What others see him as.'),
        account: claim.optional().describe('Account of his meetings.'),
        roles: claim.default('roles').describe('A list of texts, or one.'),
        meetings: claim.default('meetings').describe('Ids of meetings that the token opens, or one; "*": all.'),
      })
      .prefault({})
      .describe('Names of claims.'),
    roles: z
      .strictObject({
        admin: texts.default([]).describe('May do everything with every meeting.'),
        host: texts.default([]).describe('Is host of the meetings that his token opens.'),
      })
      .prefault({})
      .describe('Which values of the roles claim mean what.'),
  })
  .refine((value) => value.jwksUri === undefined || value.jwksFile === undefined, {
    message: 'either jwksUri or jwksFile',
    path: ['jwksUri'],
  })
  .refine((value) => (value.jwksUri ?? value.jwksFile) !== undefined || isSafeBase(value.issuer), {
    message: 'must be https (http only on loopback), without a password; or say jwksUri or jwksFile',
    path: ['issuer'],
  });

export const identityConfig = z.strictObject({
  required: z.boolean().default(false).describe('True: a passcode alone lets nobody in.'),
  clockToleranceSeconds: z.int().min(0).max(300).default(30).describe('By which clocks may differ.'),
  issuers: z
    .array(issuer)
    .min(1)
    .max(32)
    .refine((all) => new Set(all.map((each) => each.issuer)).size === all.length, 'each issuer once')
    .describe('Identity providers.'),
});

export type IdentityConfig = z.output<typeof identityConfig>;
export type IssuerConfig = z.output<typeof issuer>;
