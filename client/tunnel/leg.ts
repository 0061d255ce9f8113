/** The association with a router that the tunnel holds for one media connection; two of them share a carrier during a move. */
import type {
  LegCandidate,
  LegCredentials,
  LegNumber,
  LegState,
  TunnelNews,
  TunnelRequest,
} from '../../proto/tunnel.ts';
import { mediaChannelOf, TunnelChannel } from '../../proto/tunnel.ts';
import type { Carrier } from './carrier.ts';

/** Beyond this the tunnel does not answer. */
const OPEN_MS = 5_000;

/** Gives out the legs of one tunnel session, and tells them what is theirs. */
export class Legs {
  /** The tunnel is about to end. */
  onMove: (() => void) | undefined;
  /** One text of the zone-controller (proto/signalling.ts). */
  onSignalling: ((text: Uint8Array) => void) | undefined;
  /** Of the socket to the zone-controller that the tunnel holds for us. */
  onSignallingState: ((news: Extract<TunnelNews, { type: 'signallingState' }>) => void) | undefined;
  /** Called after the carrier's state has changed. */
  onCarrier: (() => void) | undefined;
  readonly #carrier: Carrier;
  readonly #legs = new Map<LegNumber, Leg>();

  constructor(carrier: Carrier) {
    this.#carrier = carrier;
    carrier.onRecord = (channel, payload) => this.#handleRecord(channel, payload);
    carrier.onState = () => {
      for (const leg of [...this.#legs.values()]) leg.handleCarrier();
      this.onCarrier?.();
    };
  }

  get isFree(): boolean {
    return this.#legs.size < 2;
  }

  /** @throws Error when both are taken: one has to be closed before a third begins. */
  take(): Leg {
    const number = ([0, 1] as const).find((each) => !this.#legs.has(each));
    if (number === undefined) throw new Error('both legs of the tunnel are in use');
    const leg = new Leg(this.#carrier, number, () => this.#legs.delete(number));
    this.#legs.set(number, leg);
    return leg;
  }

  #handleRecord(channel: number, payload: Uint8Array): void {
    if (channel === TunnelChannel.control) {
      // The tunnel's words are TunnelNews by contract (proto/tunnel.ts).
      this.#handleNews(JSON.parse(new TextDecoder().decode(payload)) as TunnelNews);
      return;
    }
    if (channel === TunnelChannel.signalling) this.onSignalling?.(payload);
    for (const [number, leg] of this.#legs) if (mediaChannelOf(number) === channel) leg.onPacket?.(payload);
  }

  #handleNews(news: TunnelNews): void {
    if (news.type === 'move') this.onMove?.();
    else if (news.type === 'signallingState') this.onSignallingState?.(news);
    else if ('leg' in news) this.#legs.get(news.leg)?.handleNews(news);
  }
}

export class Leg {
  /** RTP and RTCP, as the router sent it. */
  onPacket: ((packet: Uint8Array) => void) | undefined;
  onState: (() => void) | undefined;
  readonly #carrier: Carrier;
  readonly #number: LegNumber;
  readonly #release: () => void;
  readonly #opened = Promise.withResolvers<LegCredentials>();
  #state: LegState = 'connecting';
  /** Packets that the tunnel found too old. */
  dropped = { video: 0, audio: 0 };

  constructor(carrier: Carrier, number: LegNumber, release: () => void) {
    this.#carrier = carrier;
    this.#number = number;
    this.#release = release;
    // Where nobody asks for it any more, it is no unhandled failure.
    this.#opened.promise.catch(() => undefined);
  }

  get state(): LegState {
    return this.#state;
  }

  /** For a moment nothing goes either way, and the carrier may come back. */
  get isInterrupted(): boolean {
    return this.#carrier.state === 'interrupted';
  }

  get carrier(): Carrier {
    return this.#carrier;
  }

  /** Rejects when the tunnel does not answer, or is gone. */
  async open(): Promise<LegCredentials> {
    this.#say({ type: 'open', leg: this.#number });
    const timer = setTimeout(() => this.#opened.reject(new Error('the tunnel does not answer')), OPEN_MS);
    try {
      return await this.#opened.promise;
    } finally {
      clearTimeout(timer);
    }
  }

  connect(candidates: readonly LegCandidate[], { ufrag, pwd, fingerprint }: LegCredentials): void {
    this.#say({ type: 'connect', leg: this.#number, candidates: [...candidates], ufrag, pwd, fingerprint });
  }

  send(packet: Uint8Array): void {
    this.#carrier.send(mediaChannelOf(this.#number), packet);
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#say({ type: 'close', leg: this.#number });
    this.#end('closed', 'the leg was closed');
  }

  handleNews(news: Extract<TunnelNews, { leg: LegNumber }>): void {
    if (news.type === 'opened') this.#opened.resolve(news);
    else if (news.type === 'dropped') this.dropped = { video: news.video, audio: news.audio };
    else if (news.state === 'failed' || news.state === 'closed')
      this.#end('failed', news.reason ?? 'the tunnel gave up');
    else if (this.#state === 'connecting' || this.#state === 'connected') {
      this.#state = news.state;
      this.onState?.();
    }
  }

  handleCarrier(): void {
    if (this.#carrier.state === 'closed') this.#end('failed', 'the carrier was lost');
    else this.onState?.();
  }

  #end(state: 'failed' | 'closed', reason: string): void {
    this.#state = state;
    this.#opened.reject(new Error(reason));
    this.#release();
    this.onState?.();
  }

  #say(request: TunnelRequest): void {
    this.#carrier.send(TunnelChannel.control, new TextEncoder().encode(JSON.stringify(request)));
  }
}
