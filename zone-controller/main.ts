/** The zone-controller daemon: `node zone-controller/main.ts <configuration file>`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ZonecastError } from '../common/errors.ts';
import type { ZoneId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { loadZoneConfig, type ZoneConfig } from './config.ts';
import type { ZoneLimits } from './limits/zone-limits.ts';
import { ZoneController } from './zone-controller.ts';

const HELP = `Usage: node zone-controller/main.ts <configuration file>

A Zonecast zone-controller (ZC). The file is YAML; zone-controller/config.ts documents every key. The least of it:

  zone: zone-1
  http: { certificate: /etc/zonecast/web.pem, privateKey: /etc/zonecast/web.key, publicUrl: https://meet.example.org }
  grpc: {}
  tls: { ca: /etc/zonecast/ca.pem, certificate: /etc/zonecast/zc-1.pem, privateKey: /etc/zonecast/zc-1.key }

SIGTERM and SIGINT end it cleanly. Logs go to stderr.
`;

function makeController({ zone, http, grpc, tls, limits, log }: ZoneConfig): ZoneController {
  const { host, port, publicUrl, allowedOrigins } = http;
  if ((http.certificate === undefined) !== (http.privateKey === undefined)) {
    throw new ZonecastError('badConfig', 'http.certificate and http.privateKey go together.');
  }
  const httpsTls =
    http.certificate === undefined || http.privateKey === undefined
      ? {}
      : { tls: { certificatePem: readPem(http.certificate), privateKeyPem: readPem(http.privateKey) } };
  return new ZoneController({
    zone: zone as ZoneId,
    http: { host, port, ...httpsTls },
    grpcAddress: grpc.listen,
    tls: { caPem: readPem(tls.ca), certificatePem: readPem(tls.certificate), privateKeyPem: readPem(tls.privateKey) },
    ...(publicUrl === undefined ? {} : { publicUrl }),
    allowedOrigins,
    limits: withoutUndefined(limits),
    log: createLogger({ name: zone, level: log.level }),
  });
}

/** Absent keys must not hide the defaults. */
function withoutUndefined(limits: ZoneConfig['limits']): Partial<ZoneLimits> {
  // The cast: fromEntries forgets which key has which type.
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)) as Partial<ZoneLimits>;
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ZonecastError('badConfig', `The file ${path} cannot be read.`, { cause: error });
  }
}

async function run(path: string): Promise<void> {
  const controller = makeController(loadZoneConfig(path));
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await controller.start();
  await ended;
  await controller.stop();
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h', default: false } },
    allowPositionals: true,
  });
  const [path] = positionals;
  if (values.help || path === undefined || positionals.length > 1) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  await run(path);
}

main().catch((error: unknown) => {
  const message = error instanceof ZonecastError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`zone-controller: ${message}\n`);
  process.exitCode = 1;
});
