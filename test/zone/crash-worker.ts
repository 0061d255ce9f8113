/**
 * Ends one media worker thread of a router daemon as a bug in it would: with an exception that nobody catches. The product has
 * no hook for that; Node's inspector, which every Node process opens on SIGUSR1, reaches the thread from outside.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { DaemonProcess } from './daemon-process.ts';

const LIMIT_MS = 5_000;
const CRASH = `setImmediate(() => { throw new Error('crashed by a test'); })`;

/** What the inspector tells (DevTools protocol, domain NodeWorker), as far as it is used here. */
interface InspectorEvent {
  readonly method?: string;
  readonly params?: { readonly sessionId: string; readonly workerInfo?: { readonly title: string } };
}

/** Resolves when the thread is gone. `index` as in placements. */
export async function crashWorker(router: DaemonProcess, index: number): Promise<void> {
  const socket = new WebSocket(await router.inspector());
  try {
    await once(socket, 'open');
    await crash(socket, index);
  } finally {
    socket.terminate();
  }
}

function crash(socket: WebSocket, index: number): Promise<void> {
  const send = (id: number, method: string, params: object): void =>
    socket.send(JSON.stringify({ id, method, params }));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`worker ${index} could not be crashed`)), LIMIT_MS);
    let session: string | undefined;
    socket.on('message', (data) => {
      const { method, params } = JSON.parse(String(data)) as InspectorEvent;
      if (method === 'NodeWorker.attachedToWorker' && params?.workerInfo?.title.endsWith(` media-${index}`)) {
        session = params.sessionId;
        const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression: CRASH } });
        send(2, 'NodeWorker.sendMessageToWorker', { sessionId: session, message });
      } else if (method === 'NodeWorker.detachedFromWorker' && params?.sessionId === session) {
        clearTimeout(timer);
        resolve();
      }
    });
    send(1, 'NodeWorker.enable', { waitForDebuggerOnStart: false });
  });
}
