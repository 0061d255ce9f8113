/** One nats-server of a test. */
import type { Host } from '../../test/processes/host.ts';
import { ServerProcess } from '../../test/processes/server-process.ts';

export class NatsProcess extends ServerProcess {
  /** host:port for clients */
  readonly endpoint: string;

  constructor(host: Host, name: string, endpoint: string, configFile: string) {
    super({
      name,
      command: host.run(['/usr/sbin/nats-server', '-c', configFile]),
      isServing: (line) => line.includes('Server is ready'),
    });
    this.endpoint = endpoint;
  }
}
