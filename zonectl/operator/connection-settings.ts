/**
 * How zonectl finds the zone: options, else the environment, else ~/.config/zonecast/zonectl.yaml, each key for itself;
 * without a controller in any of them, the `zonectl up` that runs here.
 */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../../common/config.ts';
import { hostAndPort } from '../../common/config-fields.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { MutualTls } from '../../common/mutual-tls.ts';
import { PemFiles } from '../../common/pem-files.ts';
import { EXIT, ZonectlError } from './exit-codes.ts';
import { runningZones, SETTINGS_FILE } from './running-zones.ts';

export const settingsSchema = z.strictObject({
  controller: z
    .union([hostAndPort.transform((address) => [address]), z.array(hostAndPort)])
    .optional()
    .describe('host:port of the gRPC service of a controller, or a list of them.'),
  ca: z.string().optional().describe("File with the zone authority's certificate (PEM)."),
  cert: z.string().optional().describe("File with an operator's certificate (PEM)."),
  key: z.string().optional().describe('File with its private key (PEM).'),
});
export type Settings = z.output<typeof settingsSchema>;

/** What is set on the command line. */
export interface ConnectionOptions extends Settings {
  /** A file instead of the usual one. */
  readonly config: string | undefined;
}

export interface Connection {
  /** At least one. */
  readonly controllers: readonly string[];
  readonly tls: MutualTls;
}

/** @throws ZonectlError `usage` that says what is missing or wrong */
export function findConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv): Connection {
  try {
    const settings = mergeSettings(options, fromEnvironment(env), fromFile(options.config, env));
    return open(settings.controller === undefined ? { ...fromRunningZone(env), ...defined(settings) } : settings);
  } catch (error) {
    if (error instanceof ZonecastError) throw new ZonectlError(EXIT.usage, error.message, { cause: error });
    throw error;
  }
}

/** The first that has a key counts. */
export function mergeSettings(...all: readonly Settings[]): Settings {
  return Object.assign({}, ...all.toReversed().map(defined));
}

export function fromEnvironment(env: NodeJS.ProcessEnv): Settings {
  const controller = env.ZONECAST_CONTROLLER?.split(',').map((each) => each.trim());
  const wrong = controller?.find((each) => !hostAndPort.safeParse(each).success);
  if (wrong !== undefined) throw new ZonecastError('badConfig', `ZONECAST_CONTROLLER: "${wrong}" is not host:port.`);
  return { controller, ca: env.ZONECAST_CA, cert: env.ZONECAST_CERT, key: env.ZONECAST_KEY };
}

function fromFile(named: string | undefined, env: NodeJS.ProcessEnv): Settings {
  const path = named ?? join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'zonecast', SETTINGS_FILE);
  try {
    return readSettings(path);
  } catch (error) {
    if (named === undefined && isMissing(error)) return {};
    throw error;
  }
}

/** File names in it are relative to its folder. @throws ZonecastError `badConfig` */
function readSettings(path: string): Settings {
  const { controller, ca, cert, key } = loadConfig(path, settingsSchema);
  const at = (file: string | undefined): string | undefined => file && resolve(dirname(path), file);
  return { controller, ca: at(ca), cert: at(cert), key: at(key) };
}

function fromRunningZone(env: NodeJS.ProcessEnv): Settings {
  const [zone, another] = runningZones(env);
  if (zone !== undefined && another === undefined) return readSettings(zone);
  const problem =
    zone === undefined
      ? 'No controller is named, and no "zonectl up" runs here. Give --controller host:port, or set it in zonectl.yaml.'
      : 'Several "zonectl up" run here. Choose one with --config:';
  throw new ZonectlError(EXIT.usage, [problem, ...runningZones(env)].join('\n  '));
}

function open({ controller: controllers = [], ca, cert, key }: Settings): Connection {
  const missing = Object.entries({ ca, cert, key }).flatMap(([name, file]) =>
    file === undefined ? [`--${name}`] : [],
  );
  if (ca === undefined || cert === undefined || key === undefined) {
    const made = '"zonectl certificates --operator NAME" makes a certificate.';
    throw new ZonectlError(EXIT.usage, `${missing.join(', ')}: missing. ${made}`);
  }
  const { pems } = new PemFiles('zonectl', { ca, certificate: cert, privateKey: key });
  return {
    controllers,
    tls: { caPem: pems.ca, certificatePem: pems.certificate, privateKeyPem: pems.privateKey },
  };
}

function defined(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function isMissing(error: unknown): boolean {
  return error instanceof ZonecastError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
