/** How clients get in whose UDP does not reach the routers: by which tunnels, and what opens them. */
import { randomUUID } from 'node:crypto';
import type { ZoneId } from '../../common/ids.ts';
import { signTicket } from '../../common/tunnel-ticket.ts';
import type { AccessEntry, VisitorAccess } from '../../proto/signalling.ts';
import type { TunnelDirectory } from '../tunnels/tunnel-directory.ts';
import type { ZoneKeys } from '../tunnels/tunnel-orders.ts';
import { turnCredential } from '../tunnels/turn-secrets.ts';

/** That one client is told of. */
const MAX_TUNNELS = 3;

export interface AccessOptions {
  readonly zone: ZoneId;
  readonly tunnels: Pick<TunnelDirectory, 'draw'>;
  /** undefined: not known yet. */
  readonly keys: () => ZoneKeys | undefined;
  /** Unix time, milliseconds. */
  readonly unixMs: () => number;
}

/** As a part of a message. */
export function accessOf(access: AccessEntry | undefined): { readonly access?: AccessEntry } {
  return access === undefined ? {} : { access };
}

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** For somebody in a meeting; undefined: there are no tunnels. */
  forParticipant(participant: string): AccessEntry | undefined {
    const { zone, keys, unixMs } = this.#options;
    const known = keys();
    const drawn = this.#options.tunnels.draw(MAX_TUNNELS);
    if (known === undefined || drawn.length === 0) return undefined;
    const nowMs = unixMs();
    const withTurn = drawn.filter(({ turnUrls }) => turnUrls.length > 0);
    return {
      turn: withTurn.map(({ turnUrls }) => ({ urls: turnUrls, ...turnCredential(known.seed, participant, nowMs) })),
      tunnels: drawn.flatMap(({ urls }) => urls),
      ticket: signTicket(known.signing, zone, participant, nowMs),
    };
  }

  /** For whoever is in no meeting yet; undefined: the keys are not known yet. Without tunnels it names none. */
  forVisitor(): VisitorAccess | undefined {
    const { zone, tunnels, keys, unixMs } = this.#options;
    const known = keys();
    if (known === undefined) return undefined;
    return {
      tunnels: tunnels.draw(MAX_TUNNELS).flatMap(({ urls }) => urls),
      ticket: signTicket(known.signing, zone, `visitor-${randomUUID()}`, unixMs()),
    };
  }
}
