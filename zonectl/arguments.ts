/** The command line of zonectl: what it understands and how it explains itself. Pure. */
import { isIP } from 'node:net';
import { parseArgs } from 'node:util';
import { ZonecastError } from '../common/errors.ts';
import { type CertificatesOptions, parseCertificatesArguments } from './certificates-arguments.ts';
import {
  isOperatorCommand,
  type OperatorCommand,
  type OperatorCommandName,
  parseOperatorArguments,
} from './operator/operator-arguments.ts';

export const HELP = `zonectl: the command line of Zonecast

Usage
  zonectl up [options]     Start a whole zone on this machine: web page, signalling, two media routers, HTTP tunnel.
                           Prints one line with a link when browsers can use it. Ctrl-C ends it.
  zonectl certificates     Make the certificates by which the daemons of a zone know each other.

  zonectl status           How the zone is: controllers, leader, registry, totals, problems.
  zonectl routers          The routers, or one of them with its workers.
  zonectl tunnels          The HTTP tunnels, or one of them.
  zonectl meetings         The meetings that are on routers, and where.
  zonectl meeting          Makes, shows or ends one meeting.
  zonectl participants     Who is in a meeting.
  zonectl explain          Where somebody who joins would go, and why.
  zonectl drain, undrain   Empty a router or an HTTP tunnel for maintenance; take it into use again.
  zonectl move             Move a meeting or a participant to another router.
  zonectl kick             End a participant's stay.

  zonectl zones            All zones; or where somebody who joins a meeting would be placed, and why.
  zonectl policies         Rules about where people and media may be.
  zonectl tree             In which zones a meeting is, and how they are joined.

Every command has a --help.

Options of zonectl up
  --host <name>            Where people reach this machine: a name or an IP address. Default: localhost, for this
                           machine only. Anything else serves HTTPS with a certificate made at start, which browsers
                           warn about once; 0.0.0.0 or :: means all addresses of this machine.
  --port <number>          TCP port of page and signalling. Default: 8080. 0 takes any free port.
  --tunnel-port <number>   TCP port of the HTTP tunnel, by which clients behind hard firewalls get in: page, signalling
                           and media over HTTPS. TURN is at the same UDP port. Default: 8443. 0 takes any free one.
  --no-tunnel              No HTTP tunnel.
  --media-port <number>    First port of media, UDP and TCP; each worker takes the next. Default: 8801. 0 takes any.
  --free-ports             Any free port for everything that no port is given for.
  --zones <number>         So many zones, with a global controller between them, in this process: to try what several
                           zones do. Each takes the ports after those of the one before.
  --announce <address>     IP address that media is reached at, when it is not this machine's own (behind NAT).
                           May be given several times, best first.
  --verbose                Tell on stderr what happens. Without it, only what goes wrong.
  --help                   Show this text.

Examples
  zonectl up
  zonectl up --port 8090 --media-port 20000
  zonectl up --host 192.0.2.7
  zonectl up --zones 3
`;

/** More are of no use on one machine. */
const MAX_ZONES = 9;

export interface UpOptions {
  readonly host: string;
  readonly port: number;
  /** undefined: there is no tunnel. */
  readonly tunnelPort: number | undefined;
  readonly mediaPort: number;
  /** Empty: the addresses of this machine. */
  readonly announce: readonly string[];
  readonly zones: number;
  readonly verbose: boolean;
}

export type Command =
  | { readonly name: 'help' }
  | { readonly name: 'up'; readonly options: UpOptions }
  | { readonly name: 'certificates'; readonly options: CertificatesOptions | 'help' }
  | { readonly name: 'operator'; readonly command: OperatorCommand }
  | { readonly name: 'operatorHelp'; readonly of: OperatorCommandName };

/** @throws ZonecastError `badConfig` that says what is wrong, in one sentence. */
export function parseArguments(args: readonly string[]): Command {
  if (args[0] === 'certificates') return { name: 'certificates', options: parseCertificatesArguments(args.slice(1)) };
  const [first, ...others] = args;
  if (isOperatorCommand(first)) {
    const command = parseOperatorArguments(first, others);
    return command === 'help' ? { name: 'operatorHelp', of: first } : { name: 'operator', command };
  }
  const { values, positionals } = parse(args);
  const [command, ...rest] = positionals;
  if (values.help || command === 'help') return { name: 'help' };
  if (command === undefined) throw usageError('A command is missing.');
  if (command !== 'up') throw usageError(`There is no command "${command}".`);
  if (rest.length > 0) throw usageError(`"zonectl up" does not take "${rest[0]}".`);
  const portOf = (name: 'port' | 'tunnel-port' | 'media-port', otherwise: string): number =>
    readPort(`--${name}`, values[name] ?? (values['free-ports'] ? '0' : otherwise));
  return {
    name: 'up',
    options: {
      host: readHost(values.host ?? 'localhost'),
      port: portOf('port', '8080'),
      tunnelPort: values['no-tunnel'] ? undefined : portOf('tunnel-port', '8443'),
      mediaPort: portOf('media-port', '8801'),
      announce: (values.announce ?? []).map(readAddress),
      zones: readZones(values.zones ?? '1'),
      verbose: values.verbose ?? false,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        host: { type: 'string' },
        port: { type: 'string' },
        'tunnel-port': { type: 'string' },
        'no-tunnel': { type: 'boolean' },
        'media-port': { type: 'string' },
        'free-ports': { type: 'boolean' },
        zones: { type: 'string' },
        announce: { type: 'string', multiple: true },
        verbose: { type: 'boolean', short: 'v' },
      },
    });
  } catch (error) {
    // Node's first sentence names the option; the rest is about escaping.
    const [sentence = ''] = (error as Error).message.split('. ');
    throw usageError(`${sentence.replace(/\.$/, '')}.`);
  }
}

function usageError(message: string): ZonecastError {
  return new ZonecastError('badConfig', `${message} "zonectl --help" shows what it can do.`);
}

function readPort(option: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw usageError(`${option} takes a number from 0 to 65535, not "${text}".`);
}

function readZones(text: string): number {
  const zones = Number(text);
  if (/^\d{1,2}$/.test(text) && zones >= 1 && zones <= MAX_ZONES) return zones;
  throw usageError(`--zones takes a number from 1 to ${MAX_ZONES}, not "${text}".`);
}

function readHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host) !== 0 || /^[a-zA-Z0-9]([\w.-]{0,252})$/.test(host)) return host;
  throw usageError(`--host takes a name or an IP address, not "${text}".`);
}

function readAddress(text: string): string {
  if (isIP(text) !== 0) return text;
  throw usageError(`--announce takes an IP address, not "${text}".`);
}
