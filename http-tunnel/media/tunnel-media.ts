/**
 * Media and signalling of those whose network lets nothing through but HTTPS: sessions that come in by WebSocket, streamed HTTP or long polls, and
 * are ordinary WebRTC participants to the routers. The daemon hands over requests below TUNNEL_PATH after TLS.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Duplex } from 'node:stream';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import { DtlsContext } from '../../mmr/engine/dtls-endpoint.ts';
import { type LegNumber, TUNNEL_PATH } from '../../proto/tunnel.ts';
import { refuseUpgrade } from '../proxy/refusal.ts';
import { canonicalIp } from '../turn/core/ip-address.ts';
import {
  allowOrigin,
  answerPreflight,
  answerRefusal,
  headerOf,
  type Request,
  responseOf,
} from './carriers/http-exchange.ts';
import { HttpRoutes } from './carriers/http-routes.ts';
import { WebSocketDoor } from './carriers/web-socket-door.ts';
import { type LegOwner, RouterLeg } from './leg/leg.ts';
import { LegWire } from './leg/leg-wire.ts';
import { type MediaCounters, newCounters } from './media-counters.ts';
import {
  MEDIA_LIMITS,
  MEDIA_TIMES,
  type MediaTimes,
  type TunnelClient,
  type TunnelMediaOptions,
} from './media-options.ts';
import { SessionTable } from './session/session-table.ts';
import type { TunnelSession } from './session/tunnel-session.ts';

const SWEEP_MS = 1_000;
/** Nobody keeps the key that legs are known by for long, and no certificate of a tunnel that runs for months ends (30 days). */
const IDENTITY_MS = 86_400_000;

/** What the DTLS of legs is known by. Those that are open keep theirs. */
interface LegIdentity {
  readonly dtls: DtlsContext;
  readonly certificateSha256: Uint8Array;
}

async function mintIdentity(): Promise<LegIdentity> {
  const { certificatePem, privateKeyPem, fingerprintSha256 } = await mintDtlsCertificate();
  return { dtls: new DtlsContext(certificatePem, privateKeyPem), certificateSha256: fingerprintSha256 };
}

export class TunnelMedia {
  readonly #options: TunnelMediaOptions;
  readonly #nowMs: () => number;
  readonly #counters = newCounters();
  readonly #table: SessionTable;
  readonly #door: WebSocketDoor;
  readonly #routes: HttpRoutes;
  readonly #times: MediaTimes;
  readonly #sweep: NodeJS.Timeout;
  #identity: LegIdentity;
  #identityMs: number;

  /** A tunnel that takes sessions at once. `stop` ends it. */
  static async start(options: TunnelMediaOptions): Promise<TunnelMedia> {
    return new TunnelMedia(options, await mintIdentity());
  }

  private constructor(options: TunnelMediaOptions, identity: LegIdentity) {
    this.#options = options;
    this.#times = { ...MEDIA_TIMES, ...options.times };
    this.#identity = identity;
    const nowMs = options.nowMs ?? (() => performance.now());
    this.#nowMs = nowMs;
    this.#identityMs = nowMs();
    const { isRouter, dialSignalling, verifyTicket } = options;
    const wire = new LegWire();
    const nowUs = () => nowMs() * 1000;
    const newLeg = (number: LegNumber, owner: LegOwner) => {
      return new RouterLeg(number, { ...this.#identity, wire, nowUs }, owner);
    };
    const environment = { newLeg, isRouter, dialSignalling, counters: this.#counters, nowMs };
    this.#table = new SessionTable({ ...MEDIA_LIMITS, ...options.limits }, verifyTicket, environment);
    const { silentPerAddress } = { ...MEDIA_LIMITS, ...options.limits };
    this.#door = new WebSocketDoor(this.#table, this.#counters, silentPerAddress, this.#times.firstMessageMs);
    this.#routes = new HttpRoutes(this.#table, this.#counters, this.#times.bodyMs);
    this.#sweep = setInterval(() => this.#handleTimeout(), SWEEP_MS);
  }

  /** False, and nothing done, for a request that is somebody else's. */
  handleRequest(request: IncomingMessage | Http2ServerRequest, answer: ServerResponse | Http2ServerResponse): boolean {
    const path = pathOf(request);
    if (path === undefined) return false;
    const response = responseOf(answer, this.#times.takenMs);
    // `close` follows.
    response.on('error', () => {});
    const client = this.#clientOf(request);
    if (client === undefined) {
      this.#counters.refusals.badOrigin++;
      answerRefusal(request, response, 'badOrigin');
      return true;
    }
    if (client.origin !== undefined) allowOrigin(response, client.origin);
    if (request.method === 'OPTIONS') answerPreflight(response);
    else void this.#routes.handle(request, response, path, client);
    return true;
  }

  /** The same for a WebSocket: of HTTP/1.1, for browsers use no other to a server that has not offered RFC 8441. */
  handleUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    if (pathOf(request) !== TUNNEL_PATH) return false;
    const client = this.#clientOf(request);
    if (client !== undefined) this.#door.accept(request, stream, head, client);
    else {
      this.#counters.refusals.badOrigin++;
      stream.on('error', () => {});
      refuseUpgrade(stream, 403);
    }
    return true;
  }

  /** No new sessions; those that are there are asked to move, and go on until they have. */
  setDraining(isDraining: boolean): void {
    if (isDraining && !this.#table.isDraining) for (const session of this.#table) session.askToMove();
    this.#table.isDraining = isDraining;
  }

  /** Everything ends. */
  stop(): void {
    clearInterval(this.#sweep);
    this.#table.isDraining = true;
    for (const session of [...this.#table]) session.end('stopped');
    this.#door.close();
  }

  /** Packets dropped of sessions that go on are in here as well. */
  get counters(): MediaCounters {
    const packetsDropped = { ...this.#counters.packetsDropped };
    for (const { queue } of this.#table) {
      for (const kind of ['rtcp', 'audio', 'video'] as const) packetsDropped[kind] += queue.dropped[kind];
    }
    return { ...this.#counters, packetsDropped };
  }

  get sessions(): Iterable<TunnelSession> {
    return this.#table;
  }

  /** What there is now. */
  get load(): { readonly sessions: number; readonly queuedBytes: number } {
    let queuedBytes = 0;
    for (const { queue } of this.#table) queuedBytes += queue.bytes;
    return { sessions: this.#table.size, queuedBytes };
  }

  async #renewIdentity(): Promise<void> {
    this.#identity = await mintIdentity();
  }

  #handleTimeout(): void {
    const now = this.#nowMs();
    for (const session of [...this.#table]) session.handleTimeout(now);
    if (now - this.#identityMs < IDENTITY_MS) return;
    this.#identityMs = now;
    void this.#renewIdentity();
  }

  /** Undefined: of a page that has no business here, or from nowhere. */
  #clientOf(request: Request): TunnelClient | undefined {
    const address = canonicalIp(this.#options.clientAddress(request) ?? '');
    const origin = headerOf(request, 'origin');
    const host = headerOf(request, ':authority') ?? headerOf(request, 'host') ?? '';
    if (address === undefined || (origin !== undefined && !this.#options.isAllowedOrigin(origin, host)))
      return undefined;
    return { address, origin };
  }
}

/** Without the query; undefined when it is not ours. */
function pathOf({ url = '' }: Request): string | undefined {
  const [path = ''] = url.split('?', 1);
  return path === TUNNEL_PATH || path.startsWith(`${TUNNEL_PATH}/`) ? path : undefined;
}
