/** Entry of a media worker thread: one engine, one timer, one message port. Started by `control/worker-pool.ts`. */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { MediaWorker, TICK_INTERVAL_MS } from './media-worker.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts';

if (parentPort === null) throw new Error('worker.ts runs in a worker thread only');
const port = parentPort;
const post = (message: FromWorker): void => port.postMessage(message);

/** Where any port will do, pairs of a UDP and a TCP port that are tried before it is given up. */
const MAX_PORT_TRIES = 16;

async function start(options: WorkerOptions): Promise<void> {
  let worker: MediaWorker;
  try {
    worker = await open(options, MAX_PORT_TRIES);
  } catch (error) {
    // The port stays closed to further messages, so the thread ends by itself.
    const message = error instanceof Error ? error.message : String(error);
    post({ type: 'failed', code: errorCode(error), message, protocol: isListenError(error) ? 'TCP' : 'UDP' });
    return;
  }
  const timer = setInterval(() => worker.tick(), TICK_INTERVAL_MS);
  port.on('message', (message: ToWorker) => {
    if (message.type !== 'stop') {
      worker.handleMessage(message);
      return;
    }
    clearInterval(timer);
    worker.close();
    process.exit(0); // ends this thread, not the process
  });
  post({ type: 'ready', port: worker.port });
}

/** A worker that receives: by UDP, and on the same port by TCP. */
async function open(options: WorkerOptions, triesLeft: number): Promise<MediaWorker> {
  const worker = new MediaWorker(options, post);
  try {
    await worker.start();
    return worker;
  } catch (error) {
    worker.close();
    const isAnyPort = options.port === 0 && errorCode(error) === 'EADDRINUSE';
    if (!isAnyPort || triesLeft === 0) throw error;
    return open(options, triesLeft - 1);
  }
}

/** Of Node's own sockets; the engine's are UDP. */
function isListenError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && error.syscall === 'listen';
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

// Written by WorkerThread only.
await start(workerData as WorkerOptions);
