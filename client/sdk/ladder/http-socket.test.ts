/** Signalling where no WebSocket opens: by a real tunnel, over loopback. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TunnelLab } from '../../../http-tunnel/media/testing/tunnel-lab.ts';
import { HostileNetwork } from '../../tunnel/carriers/testing/hostile-network.ts';
import type { SignallingSocket } from '../signalling-connection.ts';
import { SocketRace } from '../socket-race.ts';
import { accessUrl, HttpSocket } from './http-socket.ts';

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

/** Undefined: no way in. */
function race(): Promise<SignallingSocket | undefined> {
  const url = `ws://127.0.0.1:${(controller.address() as AddressInfo).port}/v1/signalling`;
  const lastResort = accessUrl(url);
  return new Promise((resolve) => {
    new SocketRace<SignallingSocket>({
      urls: [url],
      lastResort,
      times: { headStartMs: 500, patienceMs: 2_000 },
      open: (each) => {
        if (each !== lastResort) return new WebSocket(each);
        const socket = new HttpSocket(each);
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

test('without tunnels there is no way in', async () => {
  tunnels = [];
  expect(await race()).toBeUndefined();
});
