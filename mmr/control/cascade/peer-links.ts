/**
 * Streams to other routers: one per router, which the one that calls opens and opens again while it is wanted. To
 * itself a router has one that always stands: two of its workers may share a meeting. Knows nothing of what is said.
 */
import { randomUUID } from 'node:crypto';
import type { ClientDuplexStream, ServerDuplexStream } from '@grpc/grpc-js';
import type { RouterId } from '../../../common/ids.ts';
import type { Logger } from '../../../common/log.ts';
import { clientCredentials, type MutualTls } from '../../../common/mutual-tls.ts';
import type { CascadeClient } from '../../../proto/gen/zonecast/cascade/v1/Cascade.ts';
import type { Frame, Frame__Output } from '../../../proto/gen/zonecast/cascade/v1/Frame.ts';
import { CascadeService } from '../../../proto/load.ts';

type Called = ClientDuplexStream<Frame, Frame__Output>;
/** On which a router calls us. */
export type CallingStream = ServerDuplexStream<Frame__Output, Frame>;
type PeerStream = Called | CallingStream;

export interface PeerLinksListener {
  /** Frames reach the router from now on. `isNew`: it is another process than the last time. */
  reachable(router: RouterId, isNew: boolean): void;
  unreachable(router: RouterId): void;
  frame(router: RouterId, frame: Frame__Output): void;
}

/** A router that meetings need. */
export interface WantedPeer {
  /** host:port */
  readonly address: string;
  /** We call it; else it calls us. */
  readonly calls: boolean;
  readonly tls: MutualTls;
}

export interface PeerLinksOptions {
  readonly router: RouterId;
  readonly log: Logger;
  readonly listener: PeerLinksListener;
}

const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 1_000;
/** What waits for a router that does not read; beyond, the stream is broken and everything said anew. */
const MAX_WAITING_FRAMES = 20_000;
/** A peer whose machine is gone sends no FIN: of both ends, the one that is called included. */
export const PEER_KEEPALIVE = { 'grpc.keepalive_time_ms': 5_000, 'grpc.keepalive_timeout_ms': 3_000 };
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

interface Dial {
  readonly address: string;
  readonly client: CascadeClient;
  attempt: number;
  retry: NodeJS.Timeout | undefined;
}

interface Link {
  readonly router: RouterId;
  /** Where meetings say that the router is; undefined while none needs it. */
  dial: Dial | undefined;
  stream: PeerStream | undefined;
  isReachable: boolean;
  /** Frames that the stream has not taken yet. */
  readonly waiting: Frame[];
  isBlocked: boolean;
  /** Of the last process that was heard. */
  instance: string;
}

export class PeerLinks {
  readonly #options: PeerLinksOptions;
  readonly #instance = randomUUID();
  readonly #links = new Map<RouterId, Link>();

  constructor(options: PeerLinksOptions) {
    this.#options = options;
  }

  /** Meetings need these routers, and no others. */
  setWanted(wanted: ReadonlyMap<RouterId, WantedPeer>): void {
    for (const [router, { address, calls, tls }] of wanted) {
      const link = this.#linkTo(router);
      if (router === this.#options.router) {
        if (!link.isReachable) this.#found(link, this.#instance);
        continue;
      }
      if (calls && link.dial?.address === address) continue;
      this.#hangUp(link);
      if (!calls) continue;
      const client = new CascadeService(address, clientCredentials(tls), {
        ...PEER_KEEPALIVE,
        // By default gRPC itself waits longer each time, up to two minutes, and fails what is called meanwhile.
        'grpc.initial_reconnect_backoff_ms': FIRST_RETRY_MS,
        'grpc.max_reconnect_backoff_ms': MAX_RETRY_MS,
        'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
        'grpc.use_local_subchannel_pool': 1,
      });
      link.dial = { address, client, attempt: 0, retry: undefined };
      this.#call(link, link.dial);
    }
    for (const link of this.#links.values()) if (!wanted.has(link.router)) this.#hangUp(link);
  }

  /** A router calls; TLS says who it is. One that calls again takes the place of its former stream. */
  accept(router: RouterId, stream: CallingStream): void {
    const link = this.#linkTo(router);
    this.#lost(link);
    this.#listen(link, stream);
  }

  /** Nothing happens while the router is not reachable: it is told everything when it is. */
  send(router: RouterId, frame: Frame): void {
    const link = this.#links.get(router);
    if (link === undefined || !link.isReachable) return;
    if (router === this.#options.router) {
      // As from outside: not within the call that says it. What it was made from is what it would be made to.
      queueMicrotask(() => this.#options.listener.frame(router, frame as Frame__Output));
      return;
    }
    link.waiting.push(frame);
    if (link.waiting.length > MAX_WAITING_FRAMES) this.#broken(link, 'it does not read');
    else this.#flush(link);
  }

  stop(): void {
    for (const link of this.#links.values()) {
      this.#hangUp(link);
      link.stream?.end();
      link.stream = undefined;
    }
    this.#links.clear();
  }

  #linkTo(router: RouterId): Link {
    let link = this.#links.get(router);
    if (link === undefined) {
      link = {
        router,
        dial: undefined,
        stream: undefined,
        isReachable: false,
        waiting: [],
        isBlocked: false,
        instance: '',
      };
      this.#links.set(router, link);
    }
    return link;
  }

  #call(link: Link, dial: Dial): void {
    this.#listen(link, dial.client.Link());
  }

  #listen(link: Link, stream: PeerStream): void {
    link.stream = stream;
    stream.on('data', (frame: Frame__Output) => {
      if (link.stream !== stream) return;
      if (frame.hello) this.#found(link, frame.hello.instance);
      else if (link.isReachable) this.#options.listener.frame(link.router, frame);
    });
    stream.on('drain', () => {
      link.isBlocked = false;
      this.#flush(link);
    });
    const end = (error?: Error): void => {
      if (link.stream === stream) this.#broken(link, error?.message ?? 'the stream ended');
    };
    stream.on('error', end);
    stream.on('end', () => end());
    stream.on('close', () => end());
    write(stream, { hello: { router: this.#options.router, instance: this.#instance } });
  }

  #found(link: Link, instance: string): void {
    if (link.dial !== undefined) link.dial.attempt = 0;
    const isNew = link.instance !== instance;
    link.instance = instance;
    link.isReachable = true;
    this.#options.listener.reachable(link.router, isNew);
  }

  #flush(link: Link): void {
    const { stream, waiting } = link;
    if (stream === undefined) return;
    let taken = 0;
    while (taken < waiting.length && !link.isBlocked) link.isBlocked = !write(stream, waiting[taken++] as Frame); // there are so many
    waiting.splice(0, taken);
  }

  #broken(link: Link, reason: string): void {
    this.#lost(link);
    const { dial } = link;
    if (dial === undefined) return;
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** dial.attempt++, MAX_RETRY_MS);
    this.#options.log.warn({ router: link.router, reason, delayMs }, 'the stream to a router broke off');
    dial.retry = setTimeout(() => this.#call(link, dial), delayMs);
  }

  #lost(link: Link): void {
    const { stream } = link;
    link.stream = undefined;
    link.waiting.length = 0;
    link.isBlocked = false;
    if (stream !== undefined) {
      if ('cancel' in stream) stream.cancel();
      else stream.end();
    }
    if (!link.isReachable) return;
    link.isReachable = false;
    this.#options.listener.unreachable(link.router);
  }

  /** We do not call it any more. A stream on which it has called us stays. */
  #hangUp(link: Link): void {
    const { dial } = link;
    if (dial === undefined) return;
    link.dial = undefined;
    clearTimeout(dial.retry);
    this.#lost(link);
    dial.client.close();
  }
}

/** The two kinds of stream have no call signature in common. False: it takes no more for now. */
function write(stream: PeerStream, frame: Frame): boolean {
  return 'cancel' in stream ? stream.write(frame) : stream.write(frame);
}
