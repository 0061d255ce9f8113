/** The zone-controller daemon: `node zone-controller/main.ts <configuration file>`. */
import { readMutualTls, readPem, runDaemon } from '../common/daemon.ts';
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
    tls: readMutualTls(tls),
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

await runDaemon({ name: 'zone-controller', help: HELP, make: (path) => makeController(loadZoneConfig(path)) });
