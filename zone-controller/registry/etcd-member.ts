/**
 * A connection to one member of etcd. It is never mended: a broken one is given up, and another dialled.
 *
 * The calls are etcd3's; the connection below them is not: etcd3's own repeats calls whose answer was lost, so that a
 * compare-and-swap conflicts with itself, and leaves a connection behind at every login.
 */
import { createRequire } from 'node:module';
import { Channel, ChannelCredentials, type Client, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import {
  AuthClient,
  castGrpcError,
  EtcdInvalidAuthTokenError,
  type ICallable,
  isRecoverableError,
  KVClient,
  LeaseClient,
  WatchClient,
} from 'etcd3';
import type { EtcdSettings } from './etcd-config.ts';

type Service = 'KV' | 'Lease' | 'Watch' | 'Auth';
type Reply<Result> = (error: Error | null, result: Result) => void;
type UnaryMethod = <Result>(request: unknown, metadata: Metadata, options: object, reply: Reply<Result>) => void;
type ServiceClient = Client & Record<string, UnaryMethod>;
type ServiceClientConstructor = new (
  address: string,
  credentials: ChannelCredentials,
  options: object,
) => ServiceClient;

const proto = loadSync(createRequire(import.meta.url).resolve('etcd3/proto/rpc.proto'), {
  keepCase: true,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});
// The cast: clients are made from the protocol at run time; etcd3 has the types of their messages.
const services = loadPackageDefinition(proto).etcdserverpb as unknown as Record<Service, ServiceClientConstructor>;

/** Below this every user of ours may read. */
const PROBE_KEY = Buffer.from('/zonecast/');
/** A list comes in pages, but a watch may bring 1000 revisions in one message. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

export class EtcdMember implements ICallable<EtcdMember> {
  readonly endpoint: string;
  readonly kv = new KVClient(this);
  readonly leases = new LeaseClient(this);
  readonly watches = new WatchClient(this);
  readonly callOptionsFactory = undefined;
  readonly #user: EtcdSettings['user'];
  readonly #channel: Channel;
  readonly #clients: Readonly<Record<Service, ServiceClient>>;
  readonly #metadata = new Metadata();
  readonly #gone = new AbortController();

  constructor(endpoint: string, { tls, user }: EtcdSettings) {
    this.endpoint = endpoint;
    this.#user = user;
    const credentials = tls === undefined ? ChannelCredentials.createInsecure() : tlsCredentials(tls);
    const options = {
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      // Not one that another, perhaps stuck, has open already.
      'grpc.use_local_subchannel_pool': 1,
    };
    this.#channel = new Channel(endpoint, credentials, options);
    const client = (service: Service) =>
      new services[service](endpoint, credentials, { channelOverride: this.#channel });
    this.#clients = { KV: client('KV'), Lease: client('Lease'), Watch: client('Watch'), Auth: client('Auth') };
  }

  /** Aborted when the member is given up. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Before all else. */
  async logIn(timeoutMs: number): Promise<void> {
    if (this.#user === undefined) return;
    const options = { deadline: Date.now() + timeoutMs };
    const { token } = await this.orGone(new AuthClient(this).authenticate(this.#user, options));
    this.#metadata.set('token', token);
  }

  /** Resolves when the member answers a read that a majority of etcd agrees on. */
  async probe(timeoutMs: number): Promise<void> {
    const options = { deadline: Date.now() + timeoutMs };
    await this.orGone(this.kv.range({ key: PROBE_KEY, keys_only: true }, options));
  }

  /** The outcome of `work`, or an error as soon as the member is given up. */
  orGone<Result>(work: Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => reject(new Error(`${this.endpoint} is given up`));
      if (this.gone.aborted) giveUp();
      this.gone.addEventListener('abort', giveUp, { once: true });
      work.then(resolve, reject).finally(() => this.gone.removeEventListener('abort', giveUp));
    });
  }

  /** Another member, or the same one dialled anew, may do better. */
  isToBlame(error: unknown): boolean {
    return this.gone.aborted || (error instanceof Error && isRecoverableError(error)) || isLoginOver(error);
  }

  giveUp(): void {
    this.#gone.abort();
    this.#channel.close();
  }

  /** For etcd3: a call. */
  exec<Result>(service: string, method: string, request: unknown, options = {}): Promise<Result> {
    return new Promise((resolve, reject) => {
      // The cast: of the services that are used here, etcd3 knows the names.
      const client = this.#clients[service as Service];
      client[method]?.<Result>(request, this.#metadata, options, (error, result) => {
        if (error === null) resolve(result);
        else reject(castGrpcError(error));
      });
    });
  }

  /** For etcd3: a stream. */
  async withConnection<Result>(
    service: string,
    open: (on: { resource: EtcdMember; client: Client; metadata: Metadata }) => Promise<Result> | Result,
  ): Promise<Result> {
    return open({ resource: this, client: this.#clients[service as Service], metadata: this.#metadata });
  }

  /** For etcd3, when a stream fails; who opened it hears of it too. */
  markFailed(): void {}
}

/** The token is too old, or users were changed since. What was asked with it was not done. */
export function isLoginOver(error: unknown): boolean {
  if (error instanceof EtcdInvalidAuthTokenError) return true;
  return error instanceof Error && error.message.includes('revision of auth store is old');
}

function tlsCredentials({ ca, client }: NonNullable<EtcdSettings['tls']>): ChannelCredentials {
  const certificate = client && Buffer.from(client.certificate);
  const privateKey = client && Buffer.from(client.privateKey);
  return ChannelCredentials.createSsl(Buffer.from(ca), privateKey, certificate);
}
