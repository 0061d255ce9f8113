/** The parts that the configuration files of all daemons have in common. */
import { z } from 'zod';

export const hostAndPort = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/, 'must be host:port');

/** Id of a zone or a router. */
export const daemonId = z.string().regex(/^[\w.-]{1,64}$/);

export const mutualTlsFiles = z
  .strictObject({
    ca: z.string().describe("File with the zone authority's certificate (PEM)."),
    certificate: z.string().describe("File with this daemon's certificate (PEM)."),
    privateKey: z.string().describe('File with its private key (PEM, PKCS #8).'),
  })
  .describe('Mutual TLS between daemons.');

export const logSettings = z
  .strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info') })
  .default({ level: 'info' });
