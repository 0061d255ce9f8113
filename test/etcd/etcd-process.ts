/** One member of a test's etcd. */
import type { Host } from '../processes/host.ts';
import { ServerProcess } from '../processes/server-process.ts';

export class EtcdProcess extends ServerProcess {
  /** host:port for clients */
  readonly endpoint: string;

  constructor(host: Host, endpoint: string, args: readonly string[]) {
    super({
      name: `etcd ${endpoint}`,
      command: host.run(['/usr/bin/etcd', '--logger=zap', ...args]),
      // In a cluster, when most members are there.
      isServing: (line) => line.includes('serving client traffic'),
    });
    this.endpoint = endpoint;
  }
}
