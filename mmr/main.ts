/** The router daemon: `node mmr/main.ts <configuration file>`. */
import { readMutualTls, runDaemon } from '../common/daemon.ts';
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
    tls: readMutualTls(tls),
    mediaAddress: media.address,
    mediaPort: media.port,
    announce: media.announce ?? defaultAnnounce(),
    workers: media.workers ?? defaultWorkers(),
    maxParticipantsPerWorker: media.maxParticipantsPerWorker,
    log: createLogger({ name: config.router, level: config.log.level }),
  });
}

await runDaemon({ name: 'mmr', help: HELP, make: (path) => makeRouter(loadRouterConfig(path)) });
