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

/** Of daemons that take orders. */
export const auditSettings = z
  .strictObject({ file: z.string().optional().describe('Where to. Without it: into the log.') })
  .prefault({})
  .describe('What hosts and operators do, a JSON line each.');

/** What every daemon's schema has at its top. */
export const daemonFields = {
  log: logSettings,
  admin: z
    .strictObject({ listen: hostAndPort.describe('host:port of /livez, /readyz and /metrics: plain HTTP, no login.') })
    .optional()
    .describe('Without it: no such listener.'),
  stop: z
    .strictObject({
      drainSeconds: z.int().min(0).max(86_400).default(60).describe('The longest that SIGTERM waits for a drain.'),
    })
    .prefault({}),
};

/** What `daemonFields` gives. */
export type DaemonConfig = z.output<z.ZodObject<typeof daemonFields>>;
