/** Zones with keys of their own for tests, who all know each other. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Logger } from '../../common/log.ts';
import { createLogger } from '../../common/log.ts';
import { BusCounters } from '../bus-observer.ts';
import type { Identity } from '../envelope/signer.ts';
import { FixedKeyRing, type KeyRing } from '../key-ring.ts';
import { SignedBus } from '../signed-bus.ts';
import type { Transport } from '../transport.ts';

const silent = createLogger({ name: 'test', level: 'silent' });

export interface TestBus {
  readonly bus: SignedBus;
  readonly counters: BusCounters;
}

export class TestZones {
  readonly #privateKeys = new Map<string, KeyObject>();
  readonly keyRing: KeyRing;

  constructor(zones: readonly string[]) {
    const publicKeys = new Map<string, KeyObject>();
    for (const zone of zones) {
      const { publicKey, privateKey } = generateKeyPairSync('ed25519');
      publicKeys.set(zone, publicKey);
      this.#privateKeys.set(zone, privateKey);
    }
    this.keyRing = new FixedKeyRing(publicKeys);
  }

  identity(zone: string, instance = 'one'): Identity {
    const privateKey = this.#privateKeys.get(zone);
    if (privateKey === undefined) throw new Error(`no zone ${zone}`);
    return { sender: { zone, instance }, privateKey };
  }

  /** A bus of a zone on a transport. */
  open(transport: Transport, identity: Identity, log: Logger = silent): TestBus {
    const counters = new BusCounters();
    const { keyRing } = this;
    return { bus: new SignedBus({ transport, identity, keyRing, observer: counters, log }), counters };
  }
}

export const ZONES = new TestZones(['alpha', 'beta', 'eu.west', 'global']);
/** Whom the others do not know; one says that it is alpha. */
export const STRANGERS = new TestZones(['mallory', 'alpha']);
