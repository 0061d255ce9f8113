/** A tunnel as its configuration describes it. */
import { AddressList } from '../common/address-list.ts';
import type { Daemon, ReloadableFiles } from '../common/daemon.ts';
import { ZonecastError } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { ownName } from '../common/own-name.ts';
import { certificatePairOf, mutualTlsOf, PemFiles, readPem } from '../common/pem-files.ts';
import { makeAcmeCertificate } from './acme/acme-certificate.ts';
import { addAcmeMetrics } from './admin/acme-metrics.ts';
import { splitHostAndPort, type TunnelConfig } from './config.ts';
import { ServerCertificates } from './port/server-certificates.ts';
import { ZoneTunnel, type ZoneTunnelOptions } from './zone-tunnel.ts';

/** Whoever renews certificates need not tell us. */
const CERTIFICATE_LOOK_MS = 60_000;

/** Reads the files that the configuration names and opens nothing. @throws ZonecastError `badConfig` */
export function makeTunnel(config: TunnelConfig, log: Logger): Daemon<TunnelConfig> {
  const tlsFiles = new PemFiles('tls', config.tls);
  const tls = mutualTlsOf(tlsFiles);
  if (ownName(tls) !== config.tunnel) {
    throw new ZonecastError('badConfig', `tls.certificate is of "${ownName(tls)}", and tunnel is "${config.tunnel}".`);
  }
  const files = config.certificates.map((paths, index) => new PemFiles(`certificates.${index}`, paths));
  const acme = config.acme && makeAcmeCertificate(config.acme, log);
  const metrics = makeRegistry();
  addProcessMetrics(metrics);
  if (acme !== undefined) addAcmeMetrics(metrics, () => acme.keeper.counters);
  const tunnel = makeZoneTunnel({
    tunnel: config.tunnel,
    zone: config.zone,
    zoneControllers: config.zoneControllers,
    tls,
    publicUrl: () => config.publicUrl,
    listeners: config.listen.map(({ address, proxyProtocol }) => ({
      ...splitHostAndPort(address),
      ...(proxyProtocol && { proxies: new AddressList(proxyProtocol) }),
    })),
    certificates: new ServerCertificates([...files.map(certificatePairOf), ...(acme ? [acme.keeper] : [])]),
    challenges: acme?.challenges,
    controllerUrls: config.controllers.urls,
    controllersCaPem: config.controllers.ca === undefined ? undefined : readPem(config.controllers.ca),
    allowedOrigins: config.allowedOrigins,
    turn: config.turn && turnOptions(config.turn),
    limits: config.limits,
    metrics,
    log,
  });
  let look: NodeJS.Timeout | undefined;
  return {
    start: async () => {
      await tunnel.start();
      acme?.keeper.start();
      look = setInterval(() => reloadAll(files, log), CERTIFICATE_LOOK_MS);
    },
    drain: (deadlineMs) => {
      // The authority could not come in any more.
      acme?.keeper.stop();
      return tunnel.drain(deadlineMs);
    },
    stop: async () => {
      clearInterval(look);
      acme?.keeper.stop();
      await tunnel.stop();
    },
    readinessProblems: () => tunnel.readinessProblems(),
    metrics: () => metrics.metrics(),
    files: [tlsFiles, ...files],
  };
}

function makeZoneTunnel(options: ZoneTunnelOptions): ZoneTunnel {
  try {
    return new ZoneTunnel(options);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ZonecastError('badConfig', `turn: ${error.message}`, { cause: error });
  }
}

function turnOptions({ udp, tcp, relays, relayPorts }: NonNullable<TunnelConfig['turn']>): ZoneTunnelOptions['turn'] {
  const endpoint = (text: string): { address: string; port: number } => {
    const { host, port } = splitHostAndPort(text);
    return { address: host, port };
  };
  return {
    udp: udp.map(endpoint),
    tcp: tcp.map(endpoint),
    relays: relays.map(({ address, announced }) => ({ address, ...(announced && { announced }) })),
    ...(relayPorts && { relayPorts }),
  };
}

/** What is wrong now may be half written, and well in a minute. */
function reloadAll(all: readonly ReloadableFiles[], log: Logger): void {
  for (const files of all) {
    try {
      if (files.reload()) log.info({ files: files.key }, 'a certificate has changed');
    } catch (error) {
      log.warn({ err: error }, 'certificate files that are wrong; those from before stay in use');
    }
  }
}
