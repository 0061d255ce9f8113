/**
 * Which zones' routers may speak with ours, by the authorities of those zones. A router of another zone is known by the
 * authority that its certificate chains to, so that no zone can speak as another, or as one of our own daemons.
 */
import { X509Certificate } from 'node:crypto';
import { ZonecastError } from '../../../common/errors.ts';
import type { RouterId, ZoneId } from '../../../common/ids.ts';
import { type MutualTls, peerIdentity } from '../../../common/mutual-tls.ts';
import { routerOfZone } from './meeting-places.ts';

/** An authority that nothing chains to. */
const NOBODY = '';

interface Trusted {
  readonly caPem: string;
  readonly authority: X509Certificate;
}

export class ZoneTrust {
  readonly #own: MutualTls;
  #zones: ReadonlyMap<ZoneId, Trusted> = new Map();
  readonly #listeners = new Set<() => void>();

  /** `own`: this router's. */
  constructor(own: MutualTls) {
    this.#own = own;
  }

  /** The authority's certificate (PEM) of each zone; zones that are not named are not trusted any more. Throws ZonecastError `badMessage`. */
  set(zones: ReadonlyMap<ZoneId, string>): void {
    const isSame = zones.size === this.#zones.size && [...zones].every(([zone, pem]) => this.caOf(zone) === pem);
    if (isSame) return;
    this.#zones = new Map([...zones].map(([zone, caPem]) => [zone, { caPem, authority: readAuthority(zone, caPem) }]));
    for (const listener of this.#listeners) listener();
  }

  /** undefined: nothing is known of that zone. */
  caOf(zone: ZoneId): string | undefined {
    return this.#zones.get(zone)?.caPem;
  }

  /** For calls to routers of that zone; undefined while nothing is known of it. Follows changes. */
  tlsFor(zone: ZoneId): MutualTls | undefined {
    return this.#zones.has(zone) ? this.#withCa(() => this.caOf(zone) ?? NOBODY) : undefined;
  }

  /** For a server that routers of all these zones call. TLS itself lets in our own zone's daemons too: see `identify`. */
  get serverTls(): MutualTls {
    return this.#withCa(() => [this.#own.caPem, ...[...this.#zones.values()].map(({ caPem }) => caPem)].join('\n'));
  }

  /** Calls `listener` after every change of what is trusted. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Which router of which other zone presents this certificate; undefined when it is none. `raw`: DER. */
  identify(raw: Uint8Array | undefined): RouterId | undefined {
    if (raw === undefined) return undefined;
    const certificate = new X509Certificate(raw);
    const peer = peerIdentity(subjectOf(certificate));
    if (peer?.role !== 'router') return undefined;
    for (const [zone, { authority }] of this.#zones) {
      const isIssued = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
      // The cast: it is an id in its own zone.
      if (isIssued) return routerOfZone(zone, peer.name as RouterId);
    }
    return undefined;
  }

  #withCa(caPem: () => string): MutualTls {
    const own = this.#own;
    return {
      get caPem() {
        return caPem();
      },
      get certificatePem() {
        return own.certificatePem;
      },
      get privateKeyPem() {
        return own.privateKeyPem;
      },
      onChange: (listener) => {
        const stops = [this.onChange(listener), own.onChange?.(listener)];
        return () => {
          for (const stop of stops) stop?.();
        };
      },
    };
  }
}

function readAuthority(zone: ZoneId, caPem: string): X509Certificate {
  try {
    return new X509Certificate(caPem);
  } catch (error) {
    throw new ZonecastError('badMessage', `the authority of zone ${zone} is no certificate`, { cause: error });
  }
}

/** `CN=name\nOU=role` as an object. */
function subjectOf({ subject }: X509Certificate): Parameters<typeof peerIdentity>[0] {
  return { subject: Object.fromEntries(subject.split('\n').map((part) => part.split(/=(.*)/s, 2))) };
}
