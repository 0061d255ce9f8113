/** A tunnel as its configuration describes it: the port, TURN, tunnelled media, and what ties them to the zone. */
import { AddressList } from '../common/address-list.ts';
import type { Daemon, ReloadableFiles } from '../common/daemon.ts';
import { ZonecastError } from '../common/errors.ts';
import type { Logger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { ownName } from '../common/own-name.ts';
import { certificatePairOf, mutualTlsOf, PemFiles, readPem } from '../common/pem-files.ts';
import { addMediaMetrics } from './admin/media-metrics.ts';
import { addTunnelMetrics } from './admin/tunnel-metrics.ts';
import { addTurnMetrics } from './admin/turn-metrics.ts';
import { splitHostAndPort, type TunnelConfig } from './config.ts';
import { HttpTunnel } from './http-tunnel.ts';
import { TunnelMedia } from './media/tunnel-media.ts';
import { ServerCertificates } from './port/server-certificates.ts';
import type { Controllers } from './proxy/controllers.ts';
import { openSignalling } from './proxy/open-signalling.ts';
import { DEFAULT_TIMES } from './tunnel-times.ts';
import { TurnService } from './turn/turn-service.ts';
import { turnUrls } from './turn-urls.ts';
import { ZoneLink } from './zone/zone-link.ts';

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
  const certificates = new ServerCertificates(files.map(certificatePairOf));
  const turn = config.turn && makeTurn(config.turn, config.zone);
  const { ca, urls: controllerUrls } = config.controllers;
  const metrics = makeRegistry();
  addProcessMetrics(metrics);
  let isDraining = false;
  const link: ZoneLink = new ZoneLink({
    tunnel: config.tunnel,
    zone: config.zone,
    zoneControllers: config.zoneControllers,
    tls,
    describe: () => ({
      urls: [new URL(config.publicUrl).origin],
      turnUrls: turn === undefined ? [] : turnUrls(config.publicUrl, turn.endpoints),
      load: Math.min(1, tunnel.port.size / config.limits.connections),
      draining: isDraining,
    }),
    controllerUrls,
    ...(turn && { turn }),
    log,
  });
  const tunnel = new HttpTunnel({
    listeners: config.listen.map(({ address, proxyProtocol }) => ({
      ...splitHostAndPort(address),
      ...(proxyProtocol && { proxies: new AddressList(proxyProtocol) }),
    })),
    certificates,
    controllers: link.controllers,
    controllersCaPem: ca === undefined ? undefined : readPem(ca),
    turn,
    openMedia: async (controllers) => {
      const media = await openMedia(config, link, controllers);
      addMediaMetrics(metrics, () => media);
      return media;
    },
    limits: config.limits,
    log,
  });
  addTunnelMetrics(metrics, tunnel, certificates);
  if (turn !== undefined) addTurnMetrics(metrics, () => turn);
  let look: NodeJS.Timeout | undefined;
  return {
    start: async () => {
      await tunnel.start();
      link.start();
      look = setInterval(() => reloadAll(files, log), CERTIFICATE_LOOK_MS);
    },
    drain: async (deadlineMs) => {
      isDraining = true;
      link.changed();
      await tunnel.drain(deadlineMs);
    },
    stop: async () => {
      clearInterval(look);
      link.stop();
      await tunnel.stop();
    },
    readinessProblems: () => [
      ...tunnel.readinessProblems(),
      ...(link.isKnown ? [] : ['no zone-controller has said where routers are']),
    ],
    metrics: () => metrics.metrics(),
    files: [tlsFiles, ...files],
  };
}

function openMedia(config: TunnelConfig, link: ZoneLink, controllers: Controllers): Promise<TunnelMedia> {
  const configured = new Set([...config.allowedOrigins, config.publicUrl].map((url) => new URL(url).origin));
  return TunnelMedia.start({
    verifyTicket: (ticket) => link.verifyTicket(ticket),
    isRouter: (address, port) => link.isRouter(address, port),
    openSignalling: (client) => openSignalling(controllers, client, DEFAULT_TIMES.answerMs),
    isAllowedOrigin: (origin, host) =>
      origin === `https://${host.toLowerCase()}` ||
      configured.has(origin) ||
      link.controllers.urls.some((url) => new URL(url).origin === origin),
    // The port has set it.
    clientAddress: ({ socket }) => socket.remoteAddress,
  });
}

function makeTurn({ udp, tcp, relays, relayPorts }: NonNullable<TunnelConfig['turn']>, realm: string): TurnService {
  const endpoint = (text: string): { address: string; port: number } => {
    const { host, port } = splitHostAndPort(text);
    return { address: host, port };
  };
  try {
    return new TurnService({
      realm,
      udp: udp.map(endpoint),
      tcp: tcp.map(endpoint),
      relays: relays.map(({ address, announced }) => ({ address, ...(announced && { announced }) })),
      ...(relayPorts && { relayPorts }),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ZonecastError('badConfig', `turn: ${error.message}`, { cause: error });
  }
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
