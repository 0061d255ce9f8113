import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecentSet } from '../../common/recent-set.ts';
import { LoopbackSocket, loopbackOf } from './loopback-socket.ts';

let engine: Socket;
const open: LoopbackSocket[] = [];

beforeEach(async () => {
  engine = createSocket('udp4');
  engine.bind(0, '127.0.0.1');
  await once(engine, 'listening');
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
  engine.close();
});

function openSocket(spent: RecentSet<number>, handle: (datagram: Buffer) => void = () => {}): Promise<LoopbackSocket> {
  return new Promise((resolve, reject) => {
    const target = { address: '127.0.0.1', port: engine.address().port };
    const opened = (isOpen: boolean): void => (isOpen ? resolve(socket) : reject(new Error('not open')));
    const socket = new LoopbackSocket(target, spent, opened, handle);
    open.push(socket);
  });
}

test.each([
  ['::', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['192.0.2.1', '192.0.2.1'],
  ['::1', '::1'],
])('a worker bound to %s is reached at %s', (bound, reached) => {
  expect(loopbackOf(bound)).toBe(reached);
});

test('a port of which the engine may still know another connection is not used', async () => {
  const asked: number[] = [];
  class Spent extends RecentSet<number> {
    override has(port: number): boolean {
      asked.push(port);
      return asked.length <= 3;
    }
  }
  const socket = await openSocket(new Spent(1));
  expect(asked).toHaveLength(4);
  expect(socket.port).toBe(asked[3]);
  expect(asked.slice(0, 3)).not.toContain(socket.port);
  expect(socket.send(Buffer.of(0, 7, 8, 0), 1, 2)).toBe(true);
  const [packet, from] = await once(engine, 'message');
  expect([packet, from.port]).toEqual([Buffer.of(7, 8), socket.port]);
});

test('nobody but the engine is heard, and nothing is sent after close', async () => {
  const heard: Buffer[] = [];
  const socket = await openSocket(new RecentSet(1), (datagram) => heard.push(datagram));
  const stranger = createSocket('udp4');
  stranger.bind(0, '127.0.0.1');
  await once(stranger, 'listening');
  await new Promise((sent) => stranger.send('a stranger', socket.port, '127.0.0.1', sent));
  stranger.close();
  engine.send('the engine', socket.port, '127.0.0.1');
  while (heard.length === 0) await new Promise(setImmediate);
  expect(heard.map(String)).toEqual(['the engine']);
  socket.close();
  expect(socket.send(Buffer.of(1), 0, 1)).toBe(false);
});
