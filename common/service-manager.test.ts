import { afterEach, describe, expect, test } from 'vitest';
import { createLogger } from './log.ts';
import { findServiceManager, type ServiceManager } from './service-manager.ts';
import { NotifySocket } from './testing/notify-socket.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const PID = 77;
const sockets: NotifySocket[] = [];
const managers: ServiceManager[] = [];
afterEach(async () => {
  for (const manager of managers.splice(0)) manager.close();
  for (const socket of sockets.splice(0)) await socket.close();
});

function find(env: NodeJS.ProcessEnv): ServiceManager {
  const manager = findServiceManager({ PATH: process.env.PATH, ...env }, PID, log);
  managers.push(manager);
  return manager;
}

describe('service manager', () => {
  test('messages arrive whole and in order', async () => {
    const socket = await NotifySocket.open();
    sockets.push(socket);
    const manager = find({ NOTIFY_SOCKET: socket.path });
    const status = `STATUS=not ready: "a", b & $c; \`d\` \\e 'f' -g *`;
    await Promise.all([manager.notify('READY=1', status), manager.notify('WATCHDOG=1'), manager.notify('STOPPING=1')]);
    expect(socket.states).toEqual(['READY=1', status, 'WATCHDOG=1', 'STOPPING=1']);
  });

  test('what would end a message there is a space', async () => {
    const socket = await NotifySocket.open();
    sockets.push(socket);
    await find({ NOTIFY_SOCKET: socket.path }).notify('STATUS=a\nREADY=1\tREADY=1');
    expect(socket.states).toEqual(['STATUS=a READY=1 READY=1']);
  });

  test('after the close, messages are lost and nobody waits for them', async () => {
    const socket = await NotifySocket.open();
    sockets.push(socket);
    const manager = find({ NOTIFY_SOCKET: socket.path });
    manager.close();
    await Promise.all([manager.notify('READY=1'), manager.notify('STOPPING=1')]);
    expect(socket.states).toEqual([]);
  });

  test('a message that cannot be sent is not the end of the daemon', async () => {
    const manager = find({ NOTIFY_SOCKET: '/nowhere/notify' });
    await expect(manager.notify('READY=1')).resolves.toBeUndefined();
  });

  test.each([
    [{ WATCHDOG_USEC: '30000000' }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: `${PID}` }, 15_000],
    [{ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '78' }, undefined],
    [{ WATCHDOG_USEC: 'soon' }, undefined],
    [{}, undefined],
  ])('the watchdog of %j is fed every %j ms', (env, watchdogMs) => {
    expect(find({ NOTIFY_SOCKET: '/run/x', ...env }).watchdogMs).toBe(watchdogMs);
    expect(find(env).watchdogMs).toBeUndefined();
  });
});
