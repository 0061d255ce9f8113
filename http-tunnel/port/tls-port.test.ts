/** The port with real sockets: whose a connection is, whether there is room, TLS, and who gets it. */
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import type { CertificatePair } from '../../common/mutual-tls.ts';
import { mintServerCertificate } from '../../common/server-certificate.ts';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { FakeController, LOOPBACK, readAll, TunnelLab, type TunnelLabOptions } from '../testing/tunnel-lab.ts';
import { ServerCertificates } from './server-certificates.ts';

const GET = 'GET /x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
const V1 = 'PROXY TCP4 192.0.2.7 192.0.2.8 4321 443\r\n';

let lab: TunnelLab;
let controller: FakeController;
afterEach(async () => {
  await lab.stop();
  controller.stop();
});

async function start(options: TunnelLabOptions = {}): Promise<void> {
  controller = await FakeController.start((request, response) =>
    response.end(String(request.headers['x-forwarded-for'])),
  );
  lab = await TunnelLab.start({ controllers: [controller.url], ...options });
}

/** The last line of the answer, which says whose request the controller takes it for. */
async function whose(raw: Socket): Promise<string | undefined> {
  const socket = await lab.tls({ raw });
  socket.write(GET);
  return (await readAll(socket)).split('\r\n').at(-1);
}

/** Every connection is in one counter. */
function expectSums(): void {
  const { accepted, taken, refused } = lab.tunnel.port.counters;
  const counted = [...Object.values(taken), ...Object.values(refused)].reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(accepted);
}

describe('whose a connection is', () => {
  test('of who connects, unless it is a load balancer', async () => {
    await start();
    expect(await whose(await lab.tcp())).toBe(LOOPBACK);
    const raw = await lab.tcp(lab.proxyPort);
    raw.write(V1);
    expect(await whose(raw)).toBe('192.0.2.7');
  });

  test('a header that comes byte by byte, and one that comes together with the first bytes of TLS', async () => {
    await start();
    const slow = await lab.tcp(lab.proxyPort);
    slow.setNoDelay();
    for (const byte of V1) await new Promise((resolve) => slow.write(byte, resolve));
    const fast = await lab.tcp(lab.proxyPort);
    fast.cork();
    fast.write(V1);
    setImmediate(() => fast.uncork());
    expect(await Promise.all([whose(slow), whose(fast)])).toEqual(['192.0.2.7', '192.0.2.7']);
  });

  test('a load balancer that speaks for itself', async () => {
    await start();
    const raw = await lab.tcp(lab.proxyPort);
    raw.write(Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex'));
    expect(await whose(raw)).toBe(LOOPBACK);
  });

  test('who sends no header, a wrong one, or one too late is closed; so is who sends one to the other listener', async () => {
    await start({ times: { proxyHeaderMs: 100, handshakeMs: 1_000 } });
    const ends = ['GET / HTTP/1.1\r\n\r\n', 'PROXY TCP4 192.0.2.7 nonsense 1 1\r\n', 'PROXY TCP4 192.'].map(
      async (text) => {
        const raw = await lab.tcp(lab.proxyPort);
        raw.write(text);
        expect(await readAll(raw)).toBe('');
      },
    );
    const direct = await lab.tcp();
    direct.write(V1);
    await Promise.all([...ends, readAll(direct)]);
    await until('all are counted', () => lab.tunnel.port.size === 0);
    expect(lab.tunnel.port.counters.refused).toMatchObject({ proxyHeaderWrong: 2, proxyHeaderLate: 1, noHandshake: 1 });
    expectSums();
  });
});

describe('room', () => {
  test('no more connections than there may be, of all and of one address, and as many again when those have gone', async () => {
    await start({ limits: { connections: 4, connectionsPerAddress: 2 } });
    const mine = [await lab.tls(), await lab.tls()];
    expect(await readAll(await lab.tcp())).toBe('');
    const others = [];
    for (const host of [1, 2]) {
      const raw = await lab.tcp(lab.proxyPort);
      raw.write(`PROXY TCP4 192.0.2.${host} 192.0.2.8 4321 443\r\n`);
      others.push(await lab.tls({ raw }));
    }
    expect(await readAll(await lab.tcp())).toBe('');
    expect(lab.tunnel.port.counters.refused).toMatchObject({ full: 1, fullForAddress: 1 });
    for (const socket of [...mine, ...others]) socket.destroy();
    await until('they have gone', () => lab.tunnel.port.size === 0);
    expect(await whose(await lab.tcp())).toBe(LOOPBACK);
    expectSums();
  });
});

describe('time', () => {
  test('who does not finish the handshake, and who says nothing after it, is closed', async () => {
    await start({ times: { handshakeMs: 200, firstByteMs: 200 } });
    const [halfway, quiet] = [await lab.tcp(), await lab.tls()];
    halfway.write(Buffer.from('160301', 'hex'));
    await Promise.all([readAll(halfway), readAll(quiet)]);
    await until('all are counted', () => lab.tunnel.port.size === 0);
    const { refused, handshakes } = lab.tunnel.port.counters;
    expect([refused.noHandshake, refused.silent, handshakes.late]).toEqual([1, 1, 1]);
    expectSums();
  });
});

describe('the next request', () => {
  test.each(['http/1.1', 'h2'])('that does not come: %s is closed, though the client keeps it', async (protocol) => {
    await start({ times: { idleMs: 200, headersMs: 5_000 } });
    const socket = await lab.tls({ alpn: [protocol] });
    if (protocol === 'h2') {
      const session = connectHttp2(lab.url, { createConnection: () => socket });
      await once(session.request({ ':path': '/x' }).resume(), 'end');
    } else {
      socket.write('GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await once(socket, 'data');
    }
    expect(lab.tunnel.port.size).toBe(1);
    await until('it is closed', () => lab.tunnel.port.size === 0);
  });
});

describe('TLS', () => {
  test('nothing below 1.2; what is no TLS is closed', async () => {
    await start();
    const old = connectTls({
      port: lab.port,
      host: LOOPBACK,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
      rejectUnauthorized: false,
    });
    const [error] = await once(old, 'error');
    expect(error.code).toMatch(/PROTOCOL/);
    const plain = await lab.tcp();
    plain.write(GET);
    await readAll(plain);
    expect(lab.tunnel.port.counters.handshakes).toMatchObject({ done: 0, failed: 2 });
  });

  test('a client gets the certificate of the name that it asks for', async () => {
    const [a, b] = [
      await mintServerCertificate(['a.example']),
      await mintServerCertificate(['b.example', '*.b.example']),
    ];
    await start({ certificates: new ServerCertificates([a, b]) });
    const shown = async (servername: string) => {
      const socket = connectTls({ port: lab.port, host: LOOPBACK, servername, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      const { subjectaltname } = socket.getPeerCertificate();
      socket.destroy();
      return subjectaltname;
    };
    const names = ['a.example', 'b.example', 'x.b.example', 'c.example'];
    expect(await Promise.all(names.map(shown))).toEqual([
      'DNS:a.example',
      'DNS:b.example, DNS:*.b.example',
      'DNS:b.example, DNS:*.b.example',
      'DNS:a.example',
    ]);
  });

  test('a certificate that changes is shown to who comes then, and nobody is cut off', async () => {
    const [before, after] = [await mintServerCertificate(['localhost']), await mintServerCertificate(['localhost'])];
    let current: CertificatePair = before;
    const listeners = new Set<() => void>();
    const pair: CertificatePair = {
      get certificatePem() {
        return current.certificatePem;
      },
      get privateKeyPem() {
        return current.privateKeyPem;
      },
      onChange: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    await start({ certificates: new ServerCertificates([pair]) });
    const visit = async (ca: string, servername?: string) => {
      const socket = connectTls({
        port: lab.port,
        host: LOOPBACK,
        ca,
        ...(servername && { servername }),
        checkServerIdentity: () => undefined,
      });
      await once(socket, 'secureConnect');
      return socket;
    };
    const early = await visit(before.certificatePem);
    current = after;
    for (const listener of listeners) listener();
    for (const name of [undefined, 'localhost', 'other.example']) (await visit(after.certificatePem, name)).destroy();
    await expect(visit(before.certificatePem)).rejects.toThrow(/self-signed/);
    early.write(GET);
    expect(await readAll(early)).toContain('200 OK');
  });
});

describe('what is inside', () => {
  const stun = Buffer.from('000100002112a442000102030405060708090a0b', 'hex');
  function turnThatTakes(got: { client: string; bytes: string }[]) {
    return {
      start: async () => undefined,
      stop: async () => undefined,
      setDraining: () => undefined,
      load: { allocations: 0 },
      endpoints: { udp: [], tcp: [] },
      acceptTurn: (stream: Duplex, { address, port }: { address: string; port: number }) => {
        stream.once('data', (bytes: Buffer) => {
          got.push({ client: `${address}:${port}`, bytes: bytes.toString('hex') });
          stream.end();
        });
      },
    };
  }

  test.each([[undefined], [['stun.turn']], [['h2', 'http/1.1']]])(
    'STUN goes to TURN whole, whatever ALPN says: %j',
    async (alpn) => {
      const got: { client: string; bytes: string }[] = [];
      await start({ turn: turnThatTakes(got) });
      const raw = await lab.tcp(lab.proxyPort);
      raw.write(V1);
      const socket = await lab.tls({ raw, ...(alpn && { alpn }) });
      socket.write(stun);
      await readAll(socket);
      expect(got).toEqual([{ client: '192.0.2.7:4321', bytes: stun.toString('hex') }]);
      expect(lab.tunnel.port.counters.taken).toEqual({ turn: 1, http1: 0, http2: 0 });
    },
  );

  test('of what a client does not read, little waits in the kernel: the rest can still be dropped', async () => {
    let written = 0;
    const chunk = Buffer.alloc(16 * 1024);
    const turn = turnThatTakes([]);
    await start({
      turn: {
        ...turn,
        acceptTurn: (stream: Duplex) => {
          const fill = () => {
            do written += chunk.length;
            while (stream.write(chunk));
            stream.once('drain', fill);
          };
          fill();
        },
      },
    });
    const socket = await lab.tls();
    socket.pause();
    socket.write(stun);
    let before = -1;
    await until('nothing moves any more', () => {
      const stands = written > 0 && before === written;
      before = written;
      return stands;
    });
    // The receive buffer of the client's kernel is in it; without a limit, 2.5 MB more.
    expect(written).toBeLessThan(1_000_000);
  });

  test('without TURN it is closed', async () => {
    await start();
    const socket = await lab.tls();
    socket.write(stun);
    expect(await readAll(socket)).toBe('');
    expect(lab.tunnel.port.counters.refused.noTurn).toBe(1);
  });

  test('ChannelData first is no TURN: its first bytes are letters, and the rest is no HTTP', async () => {
    await start({ turn: turnThatTakes([]) });
    const socket = await lab.tls();
    socket.write(Buffer.from('4000000401020304', 'hex'));
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 400 /);
  });
});
