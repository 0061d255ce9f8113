import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { OperatorServer, type OperatorServerOptions } from './operator-server.ts';

const WELL: OperatorServerOptions = {
  listen: '127.0.0.1:0',
  livenessProblems: async () => [],
  readinessProblems: () => [],
  metrics: async () => 'up 1\n',
};

const servers: OperatorServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(options: Partial<OperatorServerOptions> = {}): Promise<{ port: number; url: string }> {
  const server = new OperatorServer({ ...WELL, ...options });
  servers.push(server);
  const port = await server.start();
  return { port, url: `http://127.0.0.1:${port}` };
}

describe("operators' listener", () => {
  test('all is well', async () => {
    const { url } = await serve();
    const [live, ready, metrics] = await Promise.all(
      ['/livez', '/readyz?verbose', '/metrics'].map((p) => fetch(url + p)),
    );
    expect([live?.status, await live?.json()]).toEqual([200, { live: true, problems: [] }]);
    expect([ready?.status, await ready?.json()]).toEqual([200, { ready: true, problems: [] }]);
    expect([metrics?.status, await metrics?.text()]).toEqual([200, 'up 1\n']);
    expect(metrics?.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(live?.headers.get('cache-control')).toBe('no-store');
  });

  test('problems are 503 with their reasons, live and ready apart', async () => {
    const dead = await serve({ livenessProblems: async () => ['worker 1 is silent'] });
    const busy = await serve({ readinessProblems: () => ['draining', 'no router'] });
    const status = async (url: string) => (await fetch(url)).status;
    expect(await (await fetch(`${dead.url}/livez`)).json()).toEqual({ live: false, problems: ['worker 1 is silent'] });
    expect(await (await fetch(`${busy.url}/readyz`)).json()).toEqual({
      ready: false,
      problems: ['draining', 'no router'],
    });
    expect(await Promise.all(['/livez', '/readyz'].map((path) => status(dead.url + path)))).toEqual([503, 200]);
    expect(await Promise.all(['/livez', '/readyz'].map((path) => status(busy.url + path)))).toEqual([200, 503]);
  });

  test('what is not there, and what may not be done', async () => {
    const { url } = await serve({ metrics: undefined });
    const answers = await Promise.all([
      fetch(`${url}/`),
      fetch(`${url}/metrics`),
      fetch(`${url}/livez`, { method: 'POST', body: 'x'.repeat(100_000) }).catch(() => ({ status: 405 })),
      fetch(`${url}/livez`, { method: 'HEAD' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 405, 200]);
  });

  test('metrics that fail are 500 and say why', async () => {
    const { url } = await serve({ metrics: () => Promise.reject(new Error('no worker')) });
    const answer = await fetch(`${url}/metrics`);
    expect([answer.status, await answer.text()]).toEqual([500, 'The metrics could not be collected: no worker\n']);
  });

  test('a crowd is bounded: the connections beyond are closed', async () => {
    const { port } = await serve();
    const open = 40;
    const sockets = Array.from({ length: open }, () => connect(port, '127.0.0.1'));
    let closed = 0;
    await new Promise<void>((resolve) => {
      for (const socket of sockets)
        socket.on('error', () => undefined).on('close', () => ++closed === open - 32 && resolve());
    });
    expect(sockets.filter((socket) => !socket.closed)).toHaveLength(32);
    for (const socket of sockets) socket.destroy();
  });

  test('a taken port and a bad address are named', async () => {
    const { port } = await serve();
    await expect(serve({ listen: `127.0.0.1:${port}` })).rejects.toMatchObject({ code: 'portTaken' });
    await expect(serve({ listen: '192.0.2.1:0' })).rejects.toMatchObject({ code: 'badConfig' });
  });

  test('stops at once though somebody holds a connection, also when it was never started', async () => {
    const server = new OperatorServer(WELL);
    const socket = connect(await server.start(), '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await server.stop();
    await closed;
    await new OperatorServer(WELL).stop();
  });
});
