/** The addon in worker threads: two at once, ended with and without `close`, and by `terminate` under traffic. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { EngineLab } from './engine-lab.ts';

interface Echo {
  readonly worker: Worker;
  readonly port: number;
}

/** A thread whose engine sends every datagram back; 'close' ends it in good order, 'exit' without close. */
async function startEcho(): Promise<Echo> {
  const worker = new Worker(new URL('./engine-thread-echo.ts', import.meta.url));
  const [port] = await once(worker, 'message');
  return { worker, port: Number(port) };
}

const loopback = (port: number) => ({ family: 4, port, bytes: Uint8Array.of(127, 0, 0, 1) }) as const;

async function echoes(lab: EngineLab, port: number): Promise<void> {
  for (let i = 0; i < 50; i++) lab.send(Uint8Array.of(1, i), loopback(port));
  const received = await lab.take(50);
  expect(received.map(({ bytes }) => bytes[1])).toEqual(Array.from({ length: 50 }, (_, i) => i));
}

describe('worker threads', () => {
  test('two engines work at once and apart, beside one of the main thread', async () => {
    const lab = new EngineLab();
    const [first, second] = await Promise.all([startEcho(), startEcho()]);
    await echoes(lab, first.port);
    await echoes(lab, second.port);
    first.worker.postMessage('close');
    expect(await once(first.worker, 'exit')).toEqual([0]);
    await echoes(lab, second.port);
    second.worker.postMessage('exit');
    expect(await once(second.worker, 'exit')).toEqual([7]);
    lab.engine.close();
  });

  test('an exception in onBatch ends the thread, not the process', async () => {
    const lab = new EngineLab();
    const { worker, port } = await startEcho();
    const failed = once(worker, 'error');
    lab.send(Uint8Array.of(99), loopback(port));
    expect((await failed)[0]).toMatchObject({ message: 'onBatch threw' });
    lab.engine.close();
  });

  test('a thread that outlives an exception in onBatch gets the next batch', async () => {
    const lab = new EngineLab();
    const { worker, port } = await startEcho();
    const survived = once(worker, 'message');
    lab.send(Uint8Array.of(98), loopback(port));
    await survived;
    await echoes(lab, port);
    await worker.terminate();
    lab.engine.close();
  });

  test('terminated in the middle of onBatch, with more batches waiting', async () => {
    const lab = new EngineLab();
    const { worker, port } = await startEcho();
    const busy = once(worker, 'message');
    lab.send(Uint8Array.of(97), loopback(port));
    await busy;
    for (let i = 0; i < 700; i++) lab.engine.plan.datagramTo(loopback(port), 0, 1);
    lab.engine.flush();
    expect(await worker.terminate()).toBe(1);
    lab.engine.close();
  });

  test('terminated under traffic, many times', async () => {
    const lab = new EngineLab();
    for (let round = 0; round < 10; round++) {
      const { worker, port } = await startEcho();
      for (let i = 0; i < 500; i++) lab.engine.plan.datagramTo(loopback(port), 0, 1);
      lab.engine.flush();
      await worker.terminate();
    }
    lab.engine.close();
  });
});
