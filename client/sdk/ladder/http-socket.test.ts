/** Signalling where no WebSocket opens: by a real tunnel, over loopback. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TunnelLab } from '../../../http-tunnel/media/testing/tunnel-lab.ts';
import { HostileNetwork } from '../../tunnel/carriers/testing/hostile-network.ts';
import type { SignallingSocket } from '../signalling-connection.ts';
import { SocketRace } from '../socket-race.ts';
import { HttpSocket } from './http-socket.ts';
import { TunnelEntry } from './tunnel-entry.ts';

let lab: TunnelLab;
let network: HostileNetwork;
/** A zone-controller that only says where tunnels are: its WebSockets do not get through. */
let controller: Server;
let tunnels: string[];
const sockets: HttpSocket[] = [];

beforeEach(async () => {
  lab = await TunnelLab.start();
  network = await HostileNetwork.before(lab.origin);
  network.blocked = ['webSocket'];
  tunnels = [network.origin];
  controller = createServer((request, response) => {
    if (request.url === '/v1/access') response.end(JSON.stringify({ tunnels, ticket: 'ticket-ada' }));
    else response.writeHead(404).end();
  });
  controller.on('upgrade', (_request, stream) => stream.destroy());
  controller.listen(0, '127.0.0.1');
  await once(controller, 'listening');
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  controller.closeAllConnections();
  controller.close();
  network.stop();
  await lab.stop();
});

function controllerUrl(): string {
  return `ws://127.0.0.1:${(controller.address() as AddressInfo).port}/v1/signalling`;
}

/** Undefined: no way in. */
function race(): Promise<SignallingSocket | undefined> {
  const url = controllerUrl();
  const lastResort = 'by HTTP';
  return new Promise((resolve) => {
    new SocketRace<SignallingSocket>({
      urls: [url],
      lastResort,
      times: { headStartMs: 500, patienceMs: 2_000 },
      open: (each) => {
        if (each !== lastResort) return new WebSocket(each);
        const socket = new HttpSocket([url]);
        sockets.push(socket);
        return socket;
      },
      won: (socket) => resolve(socket),
      lost: () => resolve(undefined),
    });
  });
}

test('the socket that opens is one by HTTP, and carries what a WebSocket would', async () => {
  const socket = await race();
  expect([socket instanceof HttpSocket, socket?.readyState]).toEqual([true, WebSocket.OPEN]);
  const heard = new Promise((resolve) => {
    socket?.addEventListener('message', (event) => {
      const { data } = event as MessageEvent<string>;
      if (data.startsWith('echo')) resolve(data);
    });
  });
  socket?.send('{"type":"ping"}');
  expect(await heard).toBe('echo {"type":"ping"}');
  const closed = new Promise((resolve) => {
    socket?.addEventListener('close', (event) => resolve((event as CloseEvent).code));
  });
  socket?.send('close');
  expect([await closed, socket?.readyState]).toEqual([4001, WebSocket.CLOSED]);
  await expect.poll(() => lab.media.load.sessions).toBe(0);
});

test('a proxy that holds answers back is not waited for', async () => {
  network.held = ['httpStream'];
  const startMs = performance.now();
  const socket = await race();
  expect(socket instanceof HttpSocket && socket.entry?.kind).toBe('longPoll');
  expect(performance.now() - startMs).toBeLessThan(2_500);
  // The other session was given up.
  await expect.poll(() => lab.media.load.sessions).toBe(1);
});

test('a tunnel that is gone is not waited for, nor a controller', async () => {
  tunnels = ['http://127.0.0.1:1', network.origin];
  const socket = new HttpSocket(['ws://127.0.0.1:1/v1/signalling', controllerUrl()]);
  sockets.push(socket);
  await once(socket, 'open');
  expect([socket.url, socket.entry?.isOpen]).toEqual([controllerUrl(), true]);
});

test('signalling goes by the session by which media goes, one at a time, and does not end it', async () => {
  const entry = await TunnelEntry.open({ tunnels, ticket: 'ticket-ada' }, ['httpStream']);
  const release = entry.hold();
  const known = { entry, access: { tunnels, ticket: 'ticket-ada' } };
  const open = async () => {
    const socket = new HttpSocket([controllerUrl()], known);
    sockets.push(socket);
    await once(socket, 'open');
    return socket;
  };
  const first = await open();
  const second = await open();
  expect([first.entry === entry, second.entry === entry, lab.media.load.sessions]).toEqual([true, false, 2]);
  second.close();
  first.close();
  await expect.poll(() => lab.media.load.sessions).toBe(1);
  const third = await open();
  expect([third.entry === entry, entry.isOpen]).toEqual([true, true]);
  third.close();
  release();
  await expect.poll(() => lab.media.load.sessions).toBe(0);
});

test('without tunnels there is no way in', async () => {
  tunnels = [];
  expect(await race()).toBeUndefined();
});
