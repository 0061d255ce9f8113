/** How clients get in whose UDP does not reach the routers: by which tunnels, and what opens them. */
import { randomUUID } from 'node:crypto';
import type { ZoneId } from '../../common/ids.ts';
import { signTicket } from '../../common/tunnel-ticket.ts';
import type { AccessEntry, VisitorAccess } from '../../proto/signalling.ts';
import type { TunnelDirectory } from '../tunnels/tunnel-directory.ts';
import type { ZoneKeys } from '../tunnels/tunnel-orders.ts';
import { CREDENTIAL_MS, turnCredential } from '../tunnels/turn-secrets.ts';
import type { Session } from './session.ts';

/** That one client is told of. */
const MAX_TUNNELS = 3;
/** Of somebody in a meeting: as long as his TURN credentials. */
const TICKET_SECONDS = CREDENTIAL_MS / 1000;
/** Of whoever asks: until he is in a meeting. */
const VISITOR_TICKET_SECONDS = 600;
/** What a client was told holds for twice as long still: enough for one that loses its way just before, and is away for a while. */
const RENEW_MS = CREDENTIAL_MS / 3;

export interface AccessOptions {
  readonly zone: ZoneId;
  readonly tunnels: Pick<TunnelDirectory, 'draw' | 'version'>;
  /** undefined: not known yet. */
  readonly keys: () => ZoneKeys | undefined;
  /** Unix time, milliseconds. */
  readonly unixMs: () => number;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** What a client has been told. */
export interface ToldAccess {
  /** Tunnels, by name. */
  readonly tunnels: readonly string[];
  /** Of the tunnels that there were. */
  readonly version: number;
  readonly atMs: number;
}

type Told = Pick<Session, 'participant' | 'access'>;

export class Access {
  readonly #options: AccessOptions;

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** As a part of a message to somebody in a meeting: he is told. Without tunnels it is empty, and what he knows holds. */
  tell(session: Told): { readonly access?: AccessEntry } {
    const { zone, tunnels, keys, unixMs, now } = this.#options;
    const { participant } = session;
    const known = keys();
    const drawn = tunnels.draw(MAX_TUNNELS, session.access?.tunnels);
    if (known === undefined || drawn.size === 0) return {};
    session.access = { tunnels: [...drawn.keys()], version: tunnels.version, atMs: now() };
    const nowMs = unixMs();
    const records = [...drawn.values()];
    const withTurn = records.filter(({ turnUrls }) => turnUrls.length > 0);
    const ticket = signTicket(known.signing, { zone, holder: participant, lifeSeconds: TICKET_SECONDS }, nowMs);
    return {
      access: {
        turn: withTurn.map(({ turnUrls }) => ({ urls: turnUrls, ...turnCredential(known.seed, participant, nowMs) })),
        tunnels: records.flatMap(({ urls }) => urls),
        ticket,
      },
    };
  }

  /** What he was told is of other tunnels than there are, or will end before long. */
  isDue({ access }: Told): boolean {
    const { tunnels, now } = this.#options;
    return access === undefined || access.version !== tunnels.version || now() - access.atMs >= RENEW_MS;
  }

  /** For whoever is in no meeting yet; undefined: the keys are not known yet. Without tunnels it names none. */
  forVisitor(): VisitorAccess | undefined {
    const { zone, tunnels, keys, unixMs } = this.#options;
    const known = keys();
    if (known === undefined) return undefined;
    const signedFor = { zone, holder: `visitor-${randomUUID()}`, lifeSeconds: VISITOR_TICKET_SECONDS };
    return {
      tunnels: [...tunnels.draw(MAX_TUNNELS).values()].flatMap(({ urls }) => urls),
      ticket: signTicket(known.signing, signedFor, unixMs()),
    };
  }
}
