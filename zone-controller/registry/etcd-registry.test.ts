import { afterAll, beforeAll } from 'vitest';
import { createLogger } from '../../common/log.ts';
import { TestEtcd } from '../../test/etcd/test-etcd.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { testRegistryContract } from './registry-contract.ts';

const log = createLogger({ name: 'test', level: 'silent' });
let etcd: TestEtcd;
beforeAll(async () => {
  etcd = await TestEtcd.start();
});
afterAll(() => etcd.stop());

testRegistryContract('etcd', {
  clear: () => etcd.clear(),
  connect: async () => new EtcdRegistry(etcd.settings(), log),
});
