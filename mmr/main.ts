/** The router daemon: `node mmr/main.ts <configuration file>`. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { logVerbosity, setLogVerbosity } from '@grpc/grpc-js';
import { ZonecastError } from '../common/errors.ts';
import type { RouterId } from '../common/ids.ts';
import { createLogger } from '../common/log.ts';
import { defaultAnnounce, defaultWorkers, loadRouterConfig, type RouterConfig } from './config.ts';
import { Router } from './router.ts';

const HELP = `Usage: node mmr/main.ts <configuration file>

A Zonecast media router (MMR). The file is YAML; mmr/router.sample.yaml documents every key. The least of it:

  router: router-1
  zoneController: zc.example.org:9700
  grpc: { advertisedHost: router-1.example.org }
  tls: { ca: /etc/zonecast/ca.pem, certificate: /etc/zonecast/router-1.pem, privateKey: /etc/zonecast/router-1.key }
  media: { announce: [192.0.2.1] }

SIGTERM and SIGINT end it cleanly. Logs go to stderr.
`;

function makeRouter(config: RouterConfig): Router {
  const { grpc, media, tls } = config;
  return new Router({
    router: config.router as RouterId,
    grpcAddress: grpc.listen,
    ...(grpc.advertisedHost === undefined ? {} : { grpcAdvertisedHost: grpc.advertisedHost }),
    zoneController: config.zoneController,
    tls: { caPem: readPem(tls.ca), certificatePem: readPem(tls.certificate), privateKeyPem: readPem(tls.privateKey) },
    mediaAddress: media.address,
    mediaPort: media.port,
    announce: media.announce ?? defaultAnnounce(),
    workers: media.workers ?? defaultWorkers(),
    maxParticipantsPerWorker: media.maxParticipantsPerWorker,
    log: createLogger({ name: config.router, level: config.log.level }),
  });
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ZonecastError('badConfig', `The file ${path} cannot be read.`, { cause: error });
  }
}

async function run(path: string): Promise<void> {
  const router = makeRouter(loadRouterConfig(path));
  const ended = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await router.start();
  await ended;
  await router.stop();
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
  // What gRPC has to say reaches us as errors, which are reported in our own words.
  setLogVerbosity(logVerbosity.NONE);
  await run(path);
}

main().catch((error: unknown) => {
  const message = error instanceof ZonecastError ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`mmr: ${message}\n`);
  process.exitCode = 1;
});
