/** Test support: an endpoint of ours against the system's openssl command (scripts/install-test-packages.ts). */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import { DtlsContext, DtlsEndpoint } from './dtls-endpoint.ts';

export interface OpensslRun {
  readonly endpoint: DtlsEndpoint;
  /** Resolves with the next datagram that openssl sends. */
  readonly next: () => Promise<unknown>;
  /** A line for its terminal, and `next`. */
  readonly type: (line: string) => Promise<unknown>;
  /** What openssl has printed. */
  readonly text: () => string;
  /** Sends what the endpoint has to say. */
  readonly send: () => void;
  /** What came from openssl, and what went to it, datagram by datagram; what was lost, too. */
  readonly received: readonly Uint8Array[];
  readonly sent: readonly Uint8Array[];
  /** openssl is gone; s_client says close_notify before. */
  readonly end: () => Promise<void>;
  /** We say it; resolves when openssl is gone. */
  readonly close: () => Promise<void>;
}

export interface OpensslOptions {
  /** Settings of openssl.cnf(5) for SSL. */
  readonly settings?: string;
  /** Whether a datagram is lost on its way. */
  readonly lose?: (datagram: Uint8Array, from: 'us' | 'openssl') => boolean;
}

/** One certificate of ours and one of openssl's, in a folder of their own. */
export class OpensslLab {
  readonly #folder = mkdtempSync(join(tmpdir(), 'zonecast-dtls-'));
  readonly #context: DtlsContext;
  readonly fingerprint: Uint8Array;

  private constructor(
    ours: { certificatePem: string; privateKeyPem: string },
    theirs: typeof ours,
    digest: Uint8Array,
  ) {
    this.#context = new DtlsContext(ours.certificatePem, ours.privateKeyPem);
    this.fingerprint = digest;
    writeFileSync(join(this.#folder, 'certificate.pem'), theirs.certificatePem);
    writeFileSync(join(this.#folder, 'key.pem'), theirs.privateKeyPem);
  }

  static async open(): Promise<OpensslLab> {
    const [ours, theirs] = [await mintDtlsCertificate(), await mintDtlsCertificate()];
    return new OpensslLab(ours, theirs, theirs.fingerprintSha256);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Options that give openssl its certificate. */
  identity(): string[] {
    return ['-cert', join(this.#folder, 'certificate.pem'), '-key', join(this.#folder, 'key.pem')];
  }

  /** Options that let openssl tell its master secret. */
  secretOption(): string[] {
    return ['-keylogfile', join(this.#folder, 'secrets')];
  }

  /** The master secret of the latest run with `secretOption`. */
  secret(): Buffer {
    const lines = readFileSync(join(this.#folder, 'secrets'), 'latin1').trim().split('\n');
    return Buffer.from((lines.at(-1) ?? '').split(' ')[2] ?? '', 'hex');
  }

  /** Runs openssl in the role that is not ours until the handshake is decided. */
  async run(
    ours: 'server' | 'client',
    opensslArguments: readonly string[],
    options: OpensslOptions = {},
  ): Promise<OpensslRun> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const role =
      ours === 'server'
        ? ['s_client', '-connect', `127.0.0.1:${socket.address().port}`]
        : ['s_server', '-accept', '127.0.0.1:0', '-naccept', '1', '-Verify', '1'];
    // -timeout: it looks at its terminal after 250 ms even when the datagram that it waits for does not come.
    const settings = join(this.#folder, 'openssl.cnf');
    const sections = 'openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\n';
    writeFileSync(settings, sections + (options.settings ?? ''));
    const process_ = spawn('openssl', [...role, '-timeout', ...opensslArguments], {
      env: { ...process.env, OPENSSL_CONF: settings },
    });
    let text = '';
    let peerPort = 0;
    process_.stdin.on('error', () => undefined); // a refused client may be gone already
    const ended = once(process_, 'close');
    const accepting = new Promise<void>((resolve, reject) => {
      process_.on('error', reject); // no such command
      process_.stdout.on('data', (chunk) => {
        text += chunk;
        const port = /^ACCEPT 127.0.0.1:(\d+)$/m.exec(text)?.[1];
        if (port === undefined || peerPort !== 0) return;
        peerPort = Number(port);
        resolve();
      });
      if (ours === 'server') resolve();
    });
    await accepting;

    const endpoint = new DtlsEndpoint(this.#context, ours);
    const received: Uint8Array[] = [];
    const sent: Uint8Array[] = [];
    let timer: NodeJS.Timeout | undefined;
    const send = (): void => {
      for (let next = endpoint.takeOutgoing(); next !== undefined; next = endpoint.takeOutgoing()) {
        sent.push(next);
        if (options.lose?.(next, 'us') !== true) socket.send(next, peerPort, '127.0.0.1');
      }
      clearTimeout(timer);
      const dueUs = endpoint.timeoutUs();
      if (dueUs !== undefined) timer = setTimeout(onTimeout, dueUs / 1000 + 1);
    };
    const onTimeout = (): void => {
      endpoint.handleTimeout();
      send();
    };
    const decided = new Promise<void>((resolve, reject) => {
      ended.then(() => reject(new Error(`openssl is gone: ${text}`)));
      socket.on('message', (message, from) => {
        const before = endpoint.state;
        peerPort = from.port;
        received.push(message);
        if (options.lose?.(message, 'openssl') === true) return;
        endpoint.handle(message);
        send();
        if (endpoint.state !== before) resolve();
      });
    });
    send();
    await decided;

    const stop = async (): Promise<void> => {
      await ended;
      clearTimeout(timer);
      socket.close();
    };
    const next = (): Promise<unknown> => once(socket, 'message');
    const type = (line: string): Promise<unknown> => {
      process_.stdin.write(`${line}\n`);
      return next();
    };
    const end = async (): Promise<void> => {
      // Q is its word for closing. s_server would close its socket before it could say close_notify: it answers to this
      // that it has printed all.
      if (endpoint.state === 'connected') await type(ours === 'server' ? 'Q' : 'data');
      process_.kill(); // it would linger for half a second
      await stop();
    };
    const close = async (): Promise<void> => {
      endpoint.close();
      send();
      await stop();
    };
    return { endpoint, next, type, text: () => text, send, received, sent, end, close };
  }
}
