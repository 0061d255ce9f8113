/**
 * One connection to one NATS server, with nothing of nats.js's own reconnecting: that buffers without bound what is
 * published meanwhile, and gives up at refused credentials.
 */
import { connect as connectTcp } from 'node:net';
import { type Authenticator, connect, credsAuthenticator, type NatsConnection, nkeyAuthenticator } from 'nats';
import { inboxPrefix } from '../subjects.ts';
import type { NatsCredentials, NatsSettings } from './nats-settings.ts';

/** @throws what went wrong with the last of the servers, tried in random order */
export async function dial(settings: NatsSettings, zone: string, signal?: AbortSignal): Promise<NatsConnection> {
  let failure: unknown;
  for (const server of shuffled(settings.servers)) {
    signal?.throwIfAborted();
    try {
      await greeted(server, settings.dialTimeoutMs, signal);
      return await connectTo(server, settings, zone);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function connectTo(server: string, settings: NatsSettings, zone: string): Promise<NatsConnection> {
  const { tls, credentials, dialTimeoutMs } = settings;
  return connect({
    servers: [server],
    name: zone,
    inboxPrefix: inboxPrefix(zone),
    timeout: dialTimeoutMs,
    reconnect: false,
    ignoreClusterUpdates: true,
    noAsyncTraces: true,
    ...(tls && { tls: { ca: tls.caPem, cert: tls.certificatePem, key: tls.privateKeyPem } }),
    ...(credentials && { authenticator: authenticator(credentials) }),
  });
}

function authenticator(credentials: NatsCredentials): Authenticator {
  const encoder = new TextEncoder();
  if ('nkeySeed' in credentials) return nkeyAuthenticator(encoder.encode(credentials.nkeySeed));
  return credsAuthenticator(encoder.encode(credentials.credentials));
}

/**
 * Whether the server says anything at all. nats.js never closes the socket to one that does not (2.29.3): a server that
 * is stopped would cost a socket with each try.
 */
function greeted(server: string, timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
  const { hostname, port } = new URL(`tcp://${server}`);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connectTcp({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) });
  const giveUp = (): void => void socket.destroy(new Error(`${server} does not answer`));
  const timer = setTimeout(giveUp, timeoutMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  socket.once('data', () => resolve());
  socket.once('error', reject);
  socket.once('close', () => reject(new Error(`${server} closed the connection`)));
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
    socket.destroy();
  });
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
