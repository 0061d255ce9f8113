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
  global: z
    .union([hostAndPort.transform((address) => [address]), z.array(hostAndPort)])
    .optional()
    .describe('The same of a global controller, for commands that ask one.'),
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

/** Which controllers a command asks: those of a zone, or global ones. On the command line both are `--controller`. */
export type Asked = 'controller' | 'global';

/** @throws ZonectlError `usage` that says what is missing or wrong */
export function findConnection(options: ConnectionOptions, env: NodeJS.ProcessEnv, asked: Asked): Connection {
  try {
    const named = { ...options, controller: undefined, [asked]: options.controller };
    const settings = mergeSettings(named, fromEnvironment(env), fromFile(options.config, env));
    const whole = settings[asked] === undefined ? { ...fromRunningZone(env), ...defined(settings) } : settings;
    return open(whole[asked], whole);
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
  const controllers = (name: 'ZONECAST_CONTROLLER' | 'ZONECAST_GLOBAL'): string[] | undefined => {
    const addresses = env[name]?.split(',').map((each) => each.trim());
    const wrong = addresses?.find((each) => !hostAndPort.safeParse(each).success);
    if (wrong !== undefined) throw new ZonecastError('badConfig', `${name}: "${wrong}" is not host:port.`);
    return addresses;
  };
  const [controller, global] = [controllers('ZONECAST_CONTROLLER'), controllers('ZONECAST_GLOBAL')];
  return { controller, global, ca: env.ZONECAST_CA, cert: env.ZONECAST_CERT, key: env.ZONECAST_KEY };
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
  const { controller, global, ca, cert, key } = loadConfig(path, settingsSchema);
  const at = (file: string | undefined): string | undefined => file && resolve(dirname(path), file);
  return { controller, global, ca: at(ca), cert: at(cert), key: at(key) };
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

function open(controllers: readonly string[] | undefined, { ca, cert, key }: Settings): Connection {
  if (controllers === undefined) {
    throw new ZonectlError(
      EXIT.usage,
      'No global controller is named. Give --controller host:port, or set global in zonectl.yaml.',
    );
  }
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
