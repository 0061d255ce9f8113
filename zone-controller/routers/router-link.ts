/**
 * One router as the zone-controller reaches it: commands, and the stream of events, which is opened again whenever it
 * breaks. Knows nothing of meetings.
 */
import type { CallOptions, ClientReadableStream, ClientUnaryCall, requestCallback } from '@grpc/grpc-js';
import type { ZonecastError } from '../../common/errors.ts';
import { fromGrpcError } from '../../common/grpc-errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { clientCredentials, type MutualTls } from '../../common/mutual-tls.ts';
import { callUnary } from '../../proto/call-unary.ts';
import type { Event__Output } from '../../proto/gen/zonecast/router/v1/Event.ts';
import type { RouterClient } from '../../proto/gen/zonecast/router/v1/Router.ts';
import { RouterService } from '../../proto/load.ts';

/** Joins include a negotiation and a worker's reply; a client waits 10 s for its answer. */
const CALL_MS = 5_000;
const FIRST_RETRY_MS = 50;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_RETRY_MS = 1_000;
/** A frozen router is told from a slow one after about 15 s. */
const KEEPALIVE_MS = 10_000;
const KEEPALIVE_TIMEOUT_MS = 5_000;

export interface RouterLinkOptions {
  readonly router: RouterId;
  /** host:port of the router's gRPC service. */
  readonly address: string;
  /** Of this controller's process. */
  readonly instance: string;
  readonly tls: MutualTls;
  readonly log: Logger;
  /** In order; after every (re)connection snapshots first, then `subscribed`. */
  onEvent(event: Event__Output): void;
  /** The stream broke, or an attempt to open it failed; the next attempt comes by itself. */
  onBroken(): void;
}

export class RouterLink {
  readonly router: RouterId;
  readonly address: string;
  readonly #options: RouterLinkOptions;
  readonly #client: RouterClient;
  #stream: ClientReadableStream<Event__Output> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #attempt = 0;
  #subscribed = false;
  #isRefused = false;
  #closed = false;

  constructor(options: RouterLinkOptions) {
    this.router = options.router;
    this.address = options.address;
    this.#options = options;
    this.#client = new RouterService(options.address, clientCredentials(options.tls), {
      'grpc.keepalive_time_ms': KEEPALIVE_MS,
      'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
      'grpc.initial_reconnect_backoff_ms': FIRST_RETRY_MS,
      'grpc.max_reconnect_backoff_ms': MAX_RETRY_MS,
      // A snapshot of a large meeting; gRPC's default is 4 MB.
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // Two links to one address (a router that came back) must not share a connection that is in back-off.
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#subscribe();
  }

  /** True while events flow. */
  get subscribed(): boolean {
    return this.#subscribed;
  }

  /** The last attempt found the machine there and nobody listening. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /**
   * One command, e.g. `link.call<Empty>((client, options, done) => client.Leave(request, options, done))`. Throws
   * ZonecastError: the router's own, or `noRouter` when it does not answer.
   */
  async call<Reply>(
    start: (client: RouterClient, options: CallOptions, done: requestCallback<Reply>) => ClientUnaryCall,
  ): Promise<Reply> {
    try {
      return await callUnary<Reply>((options, done) => start(this.#client, options, done), CALL_MS);
    } catch (error) {
      throw fromGrpcError(error);
    }
  }

  close(): void {
    this.#closed = true;
    this.#subscribed = false;
    clearTimeout(this.#retry);
    this.#stream?.cancel();
    this.#client.close();
  }

  #subscribe(): void {
    const stream = this.#client.Events({ instance: this.#options.instance });
    this.#stream = stream;
    stream.on('data', (event: Event__Output) => {
      if (stream !== this.#stream || this.#closed) return;
      if (event.event === 'subscribed') this.#opened();
      this.#options.onEvent(event);
    });
    stream.on('error', (error: Error) => this.#broken(stream, fromGrpcError(error)));
    stream.on('end', () => this.#broken(stream, fromGrpcError(new Error('the router ended the stream'))));
  }

  #opened(): void {
    this.#attempt = 0;
    this.#subscribed = true;
    this.#isRefused = false;
  }

  #broken(stream: ClientReadableStream<Event__Output>, error: ZonecastError): void {
    if (stream !== this.#stream || this.#closed) return;
    this.#stream = undefined;
    this.#subscribed = false;
    this.#isRefused = error.cause instanceof Error && error.cause.message.includes('ECONNREFUSED');
    const delayMs = Math.min(FIRST_RETRY_MS * 2 ** this.#attempt++, MAX_RETRY_MS);
    this.#options.log.warn({ router: this.router, delayMs, err: error.cause ?? error }, 'router events broke off');
    this.#retry = setTimeout(() => this.#subscribe(), delayMs);
    this.#options.onBroken();
  }
}
