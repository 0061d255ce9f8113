import { MemoryRegistry } from './memory-registry.ts';
import { MemoryStore } from './memory-store.ts';
import { testRegistryContract } from './registry-contract.ts';

let store = new MemoryStore();
testRegistryContract('memory', {
  clear: async () => {
    store = new MemoryStore();
  },
  connect: async () => new MemoryRegistry(store),
});
