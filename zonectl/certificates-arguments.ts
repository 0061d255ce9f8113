/** The command line of `zonectl certificates`. Pure. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { ZonecastError } from '../common/errors.ts';

export const CERTIFICATES_HELP = `zonectl certificates: the certificates by which the daemons of a zone know each other

Usage
  zonectl certificates --out DIR [--zone-controller ID=HOST,...]... [--router ID=HOST,...]... [--etcd ID=HOST,...]...
                       [--http-tunnel ID]... [--operator NAME]...

The first time, an authority is made: DIR/ca.pem and its key DIR/ca.key. Later the same is used for more daemons. Each
daemon gets DIR/ID.pem and DIR/ID.key. With --etcd, etcd gets an authority of its own, DIR/etcd-ca.pem, because routers
have no business there; every controller that is named then gets DIR/ID-etcd.pem and DIR/ID-etcd.key for it.

Options
  --out DIR                     Where the files go. Not on a daemon's machine: who has ca.key can be any daemon.
  --zone-controller ID=HOST,…   A zone-controller, and the names and addresses that routers reach it by.
  --router ID=HOST,…            A router: its id as in its configuration, and what controllers and routers reach it by.
  --etcd ID=HOST,…              A member of etcd, and what controllers and the other members reach it by.
  --http-tunnel ID              An HTTP tunnel. It calls controllers; nobody calls it by this certificate.
  --operator NAME               Somebody who may use zonectl: DIR/NAME.pem and DIR/NAME.key.
  --renew                       Replace certificates that are there. Authorities stay.
  --help                        Show this text.

Every file that was written is printed. Certificates hold for 825 days, authorities for ten years.
`;

export interface NamedHosts {
  readonly name: string;
  /** DNS names and IP addresses, at least one. */
  readonly hosts: readonly string[];
}

export interface CertificatesOptions {
  readonly out: string;
  readonly zoneControllers: readonly NamedHosts[];
  readonly routers: readonly NamedHosts[];
  readonly etcd: readonly NamedHosts[];
  readonly tunnels: readonly string[];
  readonly operators: readonly string[];
  readonly isRenewal: boolean;
}

/** `args` without the command's name. @throws ZonecastError `badConfig` that says what is wrong, in one sentence */
export function parseCertificatesArguments(args: readonly string[]): CertificatesOptions | 'help' {
  const values = parse(args);
  if (values.help) return 'help';
  if (values.out === undefined) throw usageError('--out DIR is missing.');
  const options = {
    out: values.out,
    zoneControllers: (values['zone-controller'] ?? []).map(readNamedHosts),
    routers: (values.router ?? []).map(readNamedHosts),
    etcd: (values.etcd ?? []).map(readNamedHosts),
    tunnels: (values['http-tunnel'] ?? []).map(readName),
    operators: (values.operator ?? []).map(readName),
    isRenewal: values.renew ?? false,
  };
  const daemons = [...options.zoneControllers, ...options.routers, ...options.etcd].map(({ name }) => name);
  const names = [...daemons, ...options.tunnels, ...options.operators];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`There are two of the name "${twice}".`);
  if (names.length === 0) throw usageError('No daemon and no operator is named.');
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h' },
        out: { type: 'string' },
        'zone-controller': { type: 'string', multiple: true },
        router: { type: 'string', multiple: true },
        etcd: { type: 'string', multiple: true },
        'http-tunnel': { type: 'string', multiple: true },
        operator: { type: 'string', multiple: true },
        renew: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    // Node's first sentence names the option; the rest is about escaping.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw usageError(`${sentence.replace(/\.$/, '')}.`);
  }
}

function readNamedHosts(text: string): NamedHosts {
  const [, name, list = ''] = /^([\w.-]{1,64})=(.+)$/.exec(text) ?? [];
  const hosts = list.split(',');
  if (name === undefined || !hosts.every(isHost)) throw usageError(`"${text}" is not ID=HOST,HOST,….`);
  return { name: readName(name), hosts };
}

function readName(name: string): string {
  if (!/^[\w.-]{1,64}$/.test(name)) throw usageError(`"${name}" is not a name: letters, digits, ".", "_" and "-".`);
  // Names of files that are not theirs: the authorities'.
  if (/^(etcd-)?ca$/.test(name) || name.endsWith('-etcd')) throw usageError(`"${name}" cannot be the id of a daemon.`);
  return name;
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || /^[a-zA-Z0-9][\w.-]{0,252}$/.test(text);
}

function usageError(message: string): ZonecastError {
  return new ZonecastError('badConfig', `${message} "zonectl certificates --help" shows what it can do.`);
}
