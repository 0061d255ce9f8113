/** The global controller daemon: `node global-controller/main.ts --config FILE`. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { addBusMetrics } from '../bus/bus-metrics.ts';
import { BusCounters } from '../bus/bus-observer.ts';
import { FixedKeyRing, readPrivateKey, readPublicKey } from '../bus/key-ring.ts';
import { readNatsSettings } from '../bus/nats/nats-settings.ts';
import { NatsTransport } from '../bus/nats/nats-transport.ts';
import { GLOBAL_ZONE } from '../bus/sender.ts';
import { SignedBus } from '../bus/signed-bus.ts';
import { AuditLog, countLostEntries } from '../common/audit/audit-log.ts';
import { type Daemon, runDaemon } from '../common/daemon.ts';
import { ZonecastError } from '../common/errors.ts';
import type { ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import { addProcessMetrics, makeRegistry } from '../common/metrics.ts';
import { mutualTlsOf, PemFiles, readPem } from '../common/pem-files.ts';
import { type GlobalConfig, loadGlobalConfig, type ZoneDeclaration } from './config.ts';
import { type Declarations, type DeclaredZone, declaredPolicies } from './daemon/declarations.ts';
import { GlobalController } from './global-controller.ts';

const HELP = `Usage: node global-controller/main.ts --config FILE

A Zonecast global controller (GC). The file is YAML; global-controller/global-controller.sample.yaml documents every key.
The least of it:

  instance: gc-1
  privateKey: /etc/zonecast/world.key
  nats: { servers: ["nats.example.org:4222"] }
  zones: { eu-1: { publicKey: /etc/zonecast/zones/eu-1.pub, ca: /etc/zonecast/zones/eu-1-ca.pem } }
`;

function makeController(config: GlobalConfig, log: Logger): Daemon {
  const privateKey = readWorldKey(config.privateKey);
  const declarations = readDeclarations(config);
  const metrics = makeRegistry();
  addProcessMetrics(metrics);
  const audit = new AuditLog({ file: config.audit.file, controller: config.instance, log });
  countLostEntries(metrics, audit, 'world');
  const settings = readNatsSettings(config.nats);
  const tlsFiles = config.operators && new PemFiles('operators.tls', config.operators.tls);
  let controller: GlobalController | undefined;
  const open = (): GlobalController => {
    const transport = new NatsTransport(settings, GLOBAL_ZONE, log);
    const identity = { sender: { zone: GLOBAL_ZONE, instance: config.instance }, privateKey };
    const keyRing = keyRingOf(declarations, privateKey);
    const observer = new BusCounters();
    const bus = new SignedBus({ transport, identity, keyRing, observer, log });
    addBusMetrics(metrics, observer, () => bus.state === 'connected');
    const { copies, bucketMiB, operators } = config;
    return new GlobalController({
      bus,
      declarations,
      copies,
      bucketMiB,
      ...(operators && tlsFiles && { operators: { listen: operators.listen, tls: mutualTlsOf(tlsFiles) } }),
      audit,
      metrics,
      log,
    });
  };
  return {
    start: async () => {
      audit.open();
      controller = open();
      await controller.start();
    },
    stop: async () => {
      await controller?.stop();
      await audit.close();
    },
    readinessProblems: () => controller?.readinessProblems() ?? ['not started'],
    metrics: () => metrics.metrics(),
    files: [...(tlsFiles === undefined ? [] : [tlsFiles]), audit],
  };
}

function readWorldKey(path: string): KeyObject {
  try {
    return readPrivateKey(readPem(path));
  } catch (error) {
    if (!(error instanceof ZonecastError)) throw error;
    throw new ZonecastError('badConfig', `privateKey: ${path}: ${error.message}`, { cause: error });
  }
}

function readDeclarations({ zones, policies }: GlobalConfig): Declarations {
  if (Object.hasOwn(zones, GLOBAL_ZONE)) {
    throw new ZonecastError('badConfig', `zones: no zone may be called ${GLOBAL_ZONE}.`);
  }
  // The cast: the keys are ids of zones.
  const records = new Map(Object.entries(zones).map(([zone, each]) => [zone as ZoneId, recordOf(each)]));
  return { zones: records, policies: declaredPolicies(policies, new Set(records.keys())) };
}

function recordOf({ publicKey, ca, ...rest }: ZoneDeclaration): DeclaredZone {
  const pem = readPem(publicKey);
  readPublicKey(pem);
  return { publicKey: pem, caPem: readPem(ca), ...rest };
}

/** What is not declared here is not believed here. */
function keyRingOf({ zones }: Declarations, privateKey: KeyObject): FixedKeyRing {
  const keys = new Map([...zones].map(([zone, { publicKey }]) => [zone as string, readPublicKey(publicKey)]));
  return new FixedKeyRing(keys.set(GLOBAL_ZONE, createPublicKey(privateKey)));
}

await runDaemon({
  name: 'global-controller',
  help: HELP,
  load: loadGlobalConfig,
  logName: ({ instance }) => instance,
  make: makeController,
});
