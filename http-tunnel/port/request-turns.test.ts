/** Requests sent one behind the other without waiting, over real sockets. */
import { afterEach, expect, test } from 'vitest';
import { until } from '../../mmr/control/worker-pool-test-lab.ts';
import { FakeController, readAll, TunnelLab } from '../testing/tunnel-lab.ts';
import { MAX_WAITING } from './request-turns.ts';

let lab: TunnelLab;
let controller: FakeController;
afterEach(async () => {
  await lab.stop();
  controller.stop();
});

const get = (path: string, more = '') => `GET /${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
const active = () => lab.tunnel.controllers.forRequest('')[0]?.active;

test('they are asked one after the other, and answered in order', async () => {
  const open: (() => void)[] = [];
  controller = await FakeController.start((request, response) => open.push(() => response.end(request.url)));
  lab = await TunnelLab.start({ controllers: [controller.url] });
  const socket = await lab.tls();
  socket.write([1, 2, 3].map((n) => get(`${n}`)).join('') + get('4', 'Connection: close\r\n'));
  const answer = readAll(socket);
  for (let n = 1; n <= 4; n++) {
    await until('the next one is asked', () => open.length === n);
    expect(active()).toBe(1);
    open.at(-1)?.();
  }
  expect((await answer).match(/\/\d(?!\.)/g)).toEqual(['/1', '/2', '/3', '/4']);
});

test('more than a few, and the connection is cut: one is asked, and nothing is left', async () => {
  controller = await FakeController.start(() => undefined);
  lab = await TunnelLab.start({ controllers: [controller.url] });
  const socket = await lab.tls();
  for (let i = 0; i < 50; i++) socket.write(get('x').repeat(200));
  await readAll(socket);
  await until('it has gone', () => lab.tunnel.port.size === 0 && active() === 0);
  expect(controller.requests.length).toBeLessThanOrEqual(1);
  expect(lab.tunnel.http.badRequests).toBe(1);
});

test('as many as may wait go through', async () => {
  controller = await FakeController.start();
  lab = await TunnelLab.start({ controllers: [controller.url] });
  const socket = await lab.tls();
  socket.write(get('x').repeat(MAX_WAITING) + get('x', 'Connection: close\r\n'));
  expect((await readAll(socket)).match(/200 OK/g)).toHaveLength(MAX_WAITING + 1);
});

test('a WebSocket behind a request that is not answered: the connection is cut', async () => {
  controller = await FakeController.start(() => undefined);
  lab = await TunnelLab.start({ controllers: [controller.url] });
  const socket = await lab.tls();
  socket.write(get('x') + get('v1/signalling', 'Connection: Upgrade\r\nUpgrade: websocket\r\n'));
  expect(await readAll(socket)).toBe('');
  await until('it has gone', () => lab.tunnel.port.size === 0 && active() === 0);
});
