/** Test support: the thread of engine-threads.test.ts. */
import { parentPort } from 'node:worker_threads';
import { PacketEngine } from './packet-engine.ts';

const engine = new PacketEngine({
  address: '127.0.0.1',
  port: 0,
  storeSlots: 1024,
  onBatch: (count) => {
    const { ingress, plan, store } = engine;
    for (let i = 0; i < count; i++) {
      const size = ingress.sizeBytes(i);
      const at = ingress.slot(i) * 2048;
      if (store[at] === 99) throw new Error('onBatch threw');
      if (store[at] === 98) {
        process.once('uncaughtException', () => parentPort?.postMessage('survived'));
        throw new Error('onBatch threw, and the thread goes on');
      }
      if (store[at] === 97) {
        parentPort?.postMessage('busy');
        for (;;);
      }
      const offset = plan.reserveSide(size);
      plan.side.set(store.subarray(at, at + size), offset);
      plan.datagramTo({ family: 4, port: ingress.port(i), bytes: ingress.addressBytes(i) }, offset, size);
    }
    engine.flush();
  },
});

parentPort?.on('message', (message) => {
  if (message === 'exit') process.exit(7);
  engine.close();
  parentPort?.close();
});
parentPort?.postMessage(engine.port);
