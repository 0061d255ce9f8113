/** The router daemon: `node mmr/main.ts --config FILE`. */
import { type Daemon, runDaemon } from '../common/daemon.ts';
import type { RouterId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { mutualTlsOf, PemFiles } from '../common/pem-files.ts';
import { defaultAnnounce, defaultWorkers, loadRouterConfig, type RouterConfig } from './config.ts';
import { RouterMetrics } from './control/metrics.ts';
import { Router } from './router.ts';

const HELP = `Usage: node mmr/main.ts --config FILE

A Zonecast media router (MMR). The file is YAML; mmr/router.sample.yaml documents every key. The least of it:

  router: router-1
  zoneControllers: [zc-1.example.org:9700, zc-2.example.org:9700]
  grpc: { advertisedHost: router-1.example.org }
  tls: { ca: /etc/zonecast/ca.pem, certificate: /etc/zonecast/router-1.pem, privateKey: /etc/zonecast/router-1.key }
  media: { announce: [192.0.2.1] }
`;

function makeRouter(config: RouterConfig, log: Logger): Daemon {
  const { grpc, media, zones } = config;
  const tlsFiles = new PemFiles('tls', config.tls);
  const router = new Router({
    router: config.router as RouterId,
    grpcAddress: grpc.listen,
    ...(grpc.advertisedHost === undefined ? {} : { grpcAdvertisedHost: grpc.advertisedHost }),
    ...(zones === undefined ? {} : { zonesAddress: zones.listen }),
    ...(zones?.advertisedHost === undefined ? {} : { zonesAdvertisedHost: zones.advertisedHost }),
    zoneControllers: config.zoneControllers,
    labels: config.labels,
    taints: config.taints,
    tls: mutualTlsOf(tlsFiles),
    mediaAddress: media.address,
    mediaPort: media.port,
    iceTcp: media.tcp,
    announce: media.announce ?? defaultAnnounce(),
    workers: media.workers ?? defaultWorkers(),
    maxParticipantsPerWorker: media.maxParticipantsPerWorker,
    maxPacketsPerSecondPerWorker: media.maxPacketsPerSecondPerWorker,
    log,
  });
  const registry = makeRegistry();
  addProcessMetrics(registry);
  const metrics = new RouterMetrics(registry);
  return {
    start: () => router.start(),
    drain: (deadlineMs) => router.drain(deadlineMs),
    stop: () => router.stop(),
    // Every worker thread answers, or this rejects.
    livenessProblems: async () => {
      await router.ping();
      return [];
    },
    readinessProblems: () => (router.registered ? [] : ['not registered with a zone-controller']),
    metrics: async () => metrics.text(await router.meters()),
    files: [tlsFiles],
  };
}

await runDaemon({
  name: 'mmr',
  help: HELP,
  load: loadRouterConfig,
  logName: ({ router }) => router,
  make: makeRouter,
});
