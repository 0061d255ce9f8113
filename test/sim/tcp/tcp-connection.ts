/** A TCP connection with TLS 1.3 on it, from the first SYN on. */
import type { Path } from '../plain/path.ts';
import type { World } from '../world.ts';
import { LINUX, TcpEnd } from './tcp-end.ts';
import { HEADER_BYTES } from './tcp-segment.ts';

export interface TcpPaths {
  /** Client to server. */
  readonly up: Path;
  readonly down: Path;
}

export interface TcpConnection {
  readonly client: TcpEnd;
  readonly server: TcpEnd;
}

/** Of a SYN without an answer; doubled each time (RFC 6298). */
const SYN_TIMEOUT_US = 1_000_000;
/** ClientHello; ServerHello to Finished with two certificates; Finished. */
const HELLO_BYTES = 520;
const CERTIFICATES_BYTES = 3_500;
const FINISHED_BYTES = 80;
/** TLS 1.3: header, type and tag of a record of at most 16 KB. */
const RECORD_BYTES = 22;
const MOST_RECORD_BYTES = 16_384;

/** What so many bytes are on TCP. */
export function sealedBytes(plainBytes: number): number {
  return plainBytes + RECORD_BYTES * Math.max(1, Math.ceil(plainBytes / MOST_RECORD_BYTES));
}

/** `ready` once the client may send. */
export function connectTcp(world: World, paths: TcpPaths, ready: () => void, options = LINUX): TcpConnection {
  const client = new TcpEnd(world, paths.up, options);
  const server = new TcpEnd(world, paths.down, options);
  client.join(server);
  server.join(client);
  shakeHands(world, paths, client, (roundTripUs) => {
    client.sender.handleRoundTrip(roundTripUs);
    server.sender.handleRoundTrip(roundTripUs);
    client.write(HELLO_BYTES, () =>
      server.write(CERTIFICATES_BYTES, () => {
        client.write(FINISHED_BYTES, () => undefined);
        ready();
      }),
    );
  });
  return { client, server };
}

function shakeHands(world: World, { up, down }: TcpPaths, client: TcpEnd, done: (roundTripUs: number) => void): void {
  let isDone = false;
  const ask = (timeoutUs: number): void => {
    if (isDone || client.isClosed) return;
    const sentUs = world.nowUs;
    up.send(() => {
      down.send(() => {
        if (isDone || client.isClosed) return;
        isDone = true;
        done(world.nowUs - sentUs);
      }, HEADER_BYTES);
    }, HEADER_BYTES);
    world.after(timeoutUs, () => ask(2 * timeoutUs));
  };
  ask(SYN_TIMEOUT_US);
}
