import type { Logger } from '../../common/log.ts';
import { type EtcdConfig, readEtcdSettings } from './etcd-config.ts';
import { EtcdRegistry } from './etcd-registry.ts';
import { MemoryRegistry } from './memory-registry.ts';
import type { Registry } from './registry.ts';

/** The registry that the configuration asks for. Throws ZonecastError `badConfig`; etcd itself may come later. */
export function openRegistry(etcd: EtcdConfig | undefined, log: Logger): Registry {
  return etcd === undefined ? new MemoryRegistry() : new EtcdRegistry(readEtcdSettings(etcd), log);
}
