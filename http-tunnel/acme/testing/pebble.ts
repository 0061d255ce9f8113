/**
 * A real ACME directory for tests: Pebble (Debian's package), which has a DNS server beside it that knows every name as this machine's. It
 * refuses some nonces, and takes some authorizations of before for new orders, as RFC 8555 lets directories do.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { mintServerCertificate } from '../../../common/server-certificate.ts';
import { freePorts } from '../../../test/processes/free-ports.ts';
import { ServerProcess } from '../../../test/processes/server-process.ts';

const HOST = '127.0.0.1';
/** Where nobody listens. */
const NOWHERE = '127.0.0.77';

export class Pebble {
  /** URL. */
  readonly directory: string;
  /** Where it looks at challenges; free so far. */
  readonly challengePort: number;
  /** Authority of the directory's own certificate: PEM, and the file with it. */
  readonly caPem: string;
  readonly caFile: string;
  readonly #folder: string;
  readonly #ports: readonly number[];
  readonly #servers: readonly ServerProcess[];

  private constructor(folder: string, ports: readonly number[], caPem: string) {
    const [directory, , dns, namesManagement, challengePort = 0] = ports;
    this.challengePort = challengePort;
    this.directory = `https://${HOST}:${directory}/dir`;
    this.caPem = caPem;
    this.caFile = join(folder, 'web.pem');
    this.#folder = folder;
    this.#ports = ports;
    const off = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
    const management = ['-management', `${HOST}:${namesManagement}`];
    this.#servers = [
      server(folder, ['pebble-challtestsrv', '-dns01', `${HOST}:${dns}`, ...management, ...off], 'Starting management'),
      server(folder, ['pebble', '-config', 'pebble.json', '-dnsserver', `${HOST}:${dns}`], 'ACME directory available'),
    ];
  }

  /** Makes it and starts it. What it issues holds for so many seconds. */
  static async open(seconds = 90 * 24 * 3600): Promise<Pebble> {
    const folder = mkdtempSync(join(tmpdir(), 'zonecast-pebble-'));
    const ports = await freePorts(6);
    const { certificatePem, privateKeyPem } = await mintServerCertificate([HOST]);
    const pebble = {
      listenAddress: `${HOST}:${ports[0]}`,
      managementListenAddress: `${HOST}:${ports[1]}`,
      certificate: 'web.pem',
      privateKey: 'web.key',
      httpPort: ports[5],
      tlsPort: ports[4],
      certificateValidityPeriod: seconds,
    };
    writeFileSync(join(folder, 'web.pem'), certificatePem);
    writeFileSync(join(folder, 'web.key'), privateKeyPem);
    writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble }));
    const opened = new Pebble(folder, ports, certificatePem);
    await opened.start();
    return opened;
  }

  /** It has forgotten everything. */
  async start(): Promise<void> {
    await Promise.all(this.#servers.map((each) => each.start()));
    // They say that they serve just before they do.
    await Promise.all(this.#ports.slice(0, 4).map(reach));
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((each) => each.stop()));
  }

  async close(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true });
  }

  /** The authority of what it issues (PEM). */
  async rootPem(): Promise<string> {
    const agent = new Agent({ ca: this.caPem });
    const answer = Promise.withResolvers<string>();
    get(`https://${HOST}:${this.#ports[1]}/roots/0`, { agent }, (response) => {
      text(response).then(answer.resolve, answer.reject);
    }).on('error', answer.reject);
    return answer.promise;
  }

  /** From here on this name is of a machine that does not answer; or of this one again. */
  async setAway(name: string, isAway: boolean): Promise<void> {
    const [path, more] = isAway ? ['add-a', { addresses: [NOWHERE] }] : ['clear-a', {}];
    const body = JSON.stringify({ host: name, ...more });
    const { status } = await fetch(`http://${HOST}:${this.#ports[3]}/${path}`, { method: 'POST', body });
    if (status !== 200) throw new Error(`the DNS server answers ${status}`);
  }
}

/** They write their log to their standard output. */
function server(directory: string, command: readonly string[], servingText: string): ServerProcess {
  const shell = ['sh', '-c', 'exec "$0" "$@" >&2'];
  return new ServerProcess({
    name: command[0] ?? '',
    command: ['env', 'PEBBLE_VA_NOSLEEP=1', ...shell, ...command],
    directory,
    isServing: (line) => line.includes(servingText),
  });
}

async function reach(port: number): Promise<void> {
  const isOpen = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, HOST, () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  while (!(await isOpen())) await new Promise((resolve) => setTimeout(resolve, 10));
}
