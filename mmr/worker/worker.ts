/** Entry of a media worker thread: one engine, one timer, one message port. Started by `control/worker-pool.ts`. */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { MediaWorker, TICK_INTERVAL_MS } from './media-worker.ts';
import type { FromWorker, ToWorker, WorkerOptions } from './messages.ts';

if (parentPort === null) throw new Error('worker.ts runs in a worker thread only');
const port = parentPort;
const post = (message: FromWorker): void => port.postMessage(message);

function start(options: WorkerOptions): void {
  let worker: MediaWorker;
  try {
    worker = new MediaWorker(options, post);
  } catch (error) {
    // The port stays closed to further messages, so the thread ends by itself.
    post({ type: 'failed', code: errorCode(error), message: error instanceof Error ? error.message : String(error) });
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

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

// Written by WorkerThread only.
start(workerData as WorkerOptions);
