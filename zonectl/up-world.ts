/** What is between the zones of `zonectl up`: a bus in memory and one global controller, with keys for the life of the process. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { BusCounters } from '../bus/bus-observer.ts';
import { FixedKeyRing } from '../bus/key-ring.ts';
import { MemoryHub } from '../bus/memory/memory-hub.ts';
import { MemoryTransport } from '../bus/memory/memory-transport.ts';
import { GLOBAL_ZONE } from '../bus/sender.ts';
import { SignedBus } from '../bus/signed-bus.ts';
import type { ZoneId } from '../common/ids.ts';
import type { Logger } from '../common/log.ts';
import { makeRegistry } from '../common/metrics.ts';
import type { ZoneCertificates } from '../common/mutual-tls.ts';
import type { DeclaredZone } from '../global-controller/daemon/declarations.ts';
import { GlobalController } from '../global-controller/global-controller.ts';
import type { WorldOptions } from '../zone-controller/world/world-options.ts';

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

/** What the directory says of a zone. */
export interface StartedZone {
  readonly url: string;
  readonly certificates: ZoneCertificates;
}

export class UpWorld {
  readonly #log: Logger;
  readonly #hub = new MemoryHub();
  readonly #key: KeyPair = generateKeyPairSync('ed25519');
  readonly #zones: ReadonlyMap<ZoneId, KeyPair>;
  #controller: GlobalController | undefined;
  #address: string | undefined;

  constructor(zones: readonly ZoneId[], log: Logger) {
    this.#log = log.child({ part: 'global-controller' });
    this.#zones = new Map(zones.map((zone) => [zone, generateKeyPairSync('ed25519')]));
  }

  /** host:port of the global controller's service for operators, once started. */
  get address(): string | undefined {
    return this.#address;
  }

  /** By which a zone is one of these. */
  optionsOf(zone: ZoneId): WorldOptions {
    const key = this.#zones.get(zone);
    if (key === undefined) throw new Error(`no zone ${zone}`);
    const transport = () => new MemoryTransport(this.#hub);
    return { privateKey: key.privateKey, worldKey: this.#key.publicKey, transport };
  }

  /** `started`: in the order of the zones. The operators of the first one may ask the global controller, too. */
  async start(started: readonly StartedZone[]): Promise<void> {
    const keys = new Map([...this.#zones].map(([zone, { publicKey }]): [string, KeyObject] => [zone, publicKey]));
    const bus = new SignedBus({
      transport: new MemoryTransport(this.#hub),
      identity: { sender: { zone: GLOBAL_ZONE, instance: 'gc-1' }, privateKey: this.#key.privateKey },
      keyRing: new FixedKeyRing(keys.set(GLOBAL_ZONE, this.#key.publicKey)),
      observer: new BusCounters(),
      log: this.#log,
    });
    const zones = [...this.#zones].map(([zone, key], index): [ZoneId, DeclaredZone] => {
      const { url = '', certificates } = started[index] ?? {};
      return [zone, recordOf(key, url, certificates?.caPem ?? '')];
    });
    const tls = await started[0]?.certificates.issue('zone-controller', 'global-controller-1');
    const controller = new GlobalController({
      bus,
      declarations: { zones: new Map(zones), policies: [] },
      copies: 1,
      ...(tls && { operators: { listen: 'localhost:0', tls } }),
      metrics: makeRegistry(),
      log: this.#log,
    });
    this.#controller = controller;
    await controller.start();
    this.#address = `localhost:${controller.operatorsPort}`;
  }

  async stop(): Promise<void> {
    await this.#controller?.stop();
  }
}

function recordOf({ publicKey }: KeyPair, url: string, caPem: string): DeclaredZone {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return { publicKey: pem, caPem, name: '', region: '', urls: [url], cost: 0, labels: {} };
}
