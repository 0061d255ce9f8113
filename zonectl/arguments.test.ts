import { describe, expect, test } from 'vitest';
import { HELP, parseArguments } from './arguments.ts';

const DEFAULTS = {
  host: 'localhost',
  port: 8080,
  tunnelPort: 8443,
  mediaPort: 8801,
  announce: [],
  zones: 1,
  verbose: false,
};

describe('command line', () => {
  test.each([
    [['up'], DEFAULTS],
    [['up', '--port', '0', '--media-port', '20000'], { ...DEFAULTS, port: 0, mediaPort: 20_000 }],
    [['up', '--tunnel-port', '443'], { ...DEFAULTS, tunnelPort: 443 }],
    [['up', '--no-tunnel'], { ...DEFAULTS, tunnelPort: undefined }],
    [['up', '--free-ports', '--port', '80'], { ...DEFAULTS, port: 80, tunnelPort: 0, mediaPort: 0 }],
    [['up', '--host', '[2001:db8::1]', '-v'], { ...DEFAULTS, host: '2001:db8::1', verbose: true }],
    [['--host=meet.example', 'up'], { ...DEFAULTS, host: 'meet.example' }],
    [
      ['up', '--announce', '192.0.2.1', '--announce', '2001:db8::1'],
      { ...DEFAULTS, announce: ['192.0.2.1', '2001:db8::1'] },
    ],
  ])('%j', (args, options) => {
    expect(parseArguments(args)).toEqual({ name: 'up', options });
  });

  test.each([[['--help']], [['up', '--help']], [['-h']], [['help']]])('%j shows the help', (args) => {
    expect(parseArguments(args)).toEqual({ name: 'help' });
  });

  test.each([
    [[], 'A command is missing.'],
    [['down'], 'There is no command "down".'],
    [['drain'], 'ROUTER or --tunnel TUNNEL is missing. "zonectl drain --help"'],
    [['up', 'now'], '"zonectl up" does not take "now".'],
    [['up', '--port', '65536'], '--port takes a number from 0 to 65535, not "65536".'],
    [['up', '--port', '8o80'], '--port takes a number'],
    [['up', '--media-port', '-1'], 'media-port'],
    [['up', '--host', 'a b'], '--host takes a name or an IP address, not "a b".'],
    [['up', '--announce', 'me'], '--announce takes an IP address, not "me".'],
    [['up', '--prot', '1'], "Unknown option '--prot'."],
  ])('%j is explained', (args, message) => {
    expect(() => parseArguments(args)).toThrow(message);
  });

  test('the help fits a terminal and names every option', () => {
    for (const line of HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
    for (const option of [
      '--host',
      '--port',
      '--tunnel-port',
      '--media-port',
      '--free-ports',
      '--announce',
      '--zones',
      '--verbose',
      '--help',
    ]) {
      expect(HELP).toContain(option);
    }
  });
});
