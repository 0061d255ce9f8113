/** The zone-controller daemon: `node zone-controller/main.ts --config FILE`. */

import { AuditLog, countLostEntries } from '../common/audit/audit-log.ts';
import { type Daemon, runDaemon } from '../common/daemon.ts';
import { ZonecastError } from '../common/errors.ts';
import type { ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { ownName } from '../common/own-name.ts';
import { certificatePairOf, mutualTlsOf, type PairName, PemFiles } from '../common/pem-files.ts';
import { loadZoneConfig, type ZoneConfig } from './config.ts';
import type { ZoneLimits } from './limits/zone-limits.ts';
import { Identities } from './service/identity/identities.ts';
import { readWorldOptions } from './world/world-config.ts';
import { ZoneController } from './zone-controller.ts';

const HELP = `Usage: node zone-controller/main.ts --config FILE

A Zonecast zone-controller (ZC). The file is YAML; zone-controller/zone-controller.sample.yaml documents every
key. The least of it:

  zone: zone-1
  http: { certificate: /etc/zonecast/web.pem, privateKey: /etc/zonecast/web.key, publicUrl: https://meet.example.org }
  grpc: {}
  tls: { ca: /etc/zonecast/ca.pem, certificate: /etc/zonecast/zc-1.pem, privateKey: /etc/zonecast/zc-1.key }
`;

function makeController(config: ZoneConfig, log: Logger): Daemon<ZoneConfig> {
  const { zone, http, grpc, limits } = config;
  const tlsFiles = new PemFiles('tls', config.tls);
  const httpFiles = httpCertificate(http);
  const metrics = makeRegistry();
  addProcessMetrics(metrics);
  const tls = mutualTlsOf(tlsFiles);
  const identities = config.identity && new Identities(config.identity, log);
  const audit = new AuditLog({ file: config.audit.file, controller: ownName(tls), log });
  countLostEntries(metrics, audit, 'controller');
  const controller = new ZoneController({
    zone: zone as ZoneId,
    http: {
      host: http.host,
      port: http.port,
      ...(httpFiles === undefined ? {} : { tls: certificatePairOf(httpFiles) }),
    },
    grpcAddress: grpc.listen,
    tls,
    ...(config.etcd === undefined ? {} : { etcd: config.etcd }),
    ...(config.world === undefined ? {} : { world: readWorldOptions(config.world, zone as ZoneId, log) }),
    ...(http.publicUrl === undefined ? {} : { publicUrl: http.publicUrl }),
    allowedOrigins: http.allowedOrigins,
    trustedProxies: http.trustedProxies,
    tunnelUrls: http.tunnelUrls,
    ...(identities === undefined ? {} : { identities }),
    anonymous: config.meetings.anonymous,
    audit,
    limits: withoutUndefined(limits),
    placement: config.placement,
    metrics,
    log,
  });
  return {
    start: async () => {
      audit.open();
      await controller.start();
    },
    drain: (deadlineMs) => controller.drain(deadlineMs),
    stop: async () => {
      await controller.stop();
      await audit.close();
    },
    readinessProblems: () => controller.readinessProblems(),
    metrics: () => controller.metrics(),
    reconfigure: (next) => {
      controller.usePlacementPolicy(next.placement);
      return ['placement'];
    },
    files: [tlsFiles, ...(httpFiles === undefined ? [] : [httpFiles]), ...(identities?.files ?? []), audit],
  };
}

function httpCertificate({ certificate, privateKey }: ZoneConfig['http']): PemFiles<PairName> | undefined {
  if (certificate !== undefined && privateKey !== undefined) return new PemFiles('http', { certificate, privateKey });
  if (certificate === undefined && privateKey === undefined) return undefined;
  throw new ZonecastError('badConfig', 'http.certificate and http.privateKey go together.');
}

/** Absent keys must not hide the defaults. */
function withoutUndefined(limits: ZoneConfig['limits']): Partial<ZoneLimits> {
  // The cast: fromEntries forgets which key has which type.
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined)) as Partial<ZoneLimits>;
}

await runDaemon({
  name: 'zone-controller',
  help: HELP,
  load: loadZoneConfig,
  logName: ({ zone }) => zone,
  make: makeController,
});
