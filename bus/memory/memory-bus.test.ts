import { testBusContract } from '../bus-contract.ts';
import { MemoryHub } from './memory-hub.ts';
import { MemoryTransport } from './memory-transport.ts';

const hub = new MemoryHub();
testBusContract('memory', {
  transport: () => new MemoryTransport(hub),
  stopServer: async () => hub.setUp(false),
  startServer: async () => hub.setUp(true),
});
