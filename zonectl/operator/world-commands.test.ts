import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_AUDIT } from '../../common/audit/audit.ts';
import { createLogger } from '../../common/log.ts';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import { GlobalOrders } from '../../global-controller/admin/global-orders.ts';
import { GlobalServer } from '../../global-controller/admin/global-server.ts';
import { meetingOf, WorldLab } from '../../global-controller/daemon/world-lab.ts';
import { EXIT } from './exit-codes.ts';
import { isOperatorCommand, parseOperatorArguments } from './operator-arguments.ts';
import { operatorHelp } from './operator-help.ts';
import { isWorldQuestion, runWorldCommand } from './run-world-command.ts';
import { WorldClient } from './world-client.ts';

const log = createLogger({ name: 'test', level: 'silent' });
const lab = new WorldLab();
const MEETING = meetingOf(0);
let server: GlobalServer;
let world: WorldClient;

beforeAll(async () => {
  const certificates = await mintZoneCertificates();
  await lab.begin(['alpha', 'beta', 'eu.west'], 1);
  const [controller] = lab.controllers;
  if (controller === undefined) throw new Error('no controller');
  server = new GlobalServer(new GlobalOrders(controller.bus, controller.mirror, log), NO_AUDIT, log);
  const port = await server.start('localhost:0', await certificates.issue('zone-controller', 'gc-1'));
  // The first does not answer.
  world = new WorldClient(['localhost:1', `localhost:${port}`], await certificates.issue('operator', 'ops'));
});
afterAll(async () => {
  world.close();
  await server.stop();
  await lab.close();
});

/** What the command line writes to stdout. */
async function run(...line: string[]): Promise<string> {
  const [name = '', ...args] = line;
  if (!isOperatorCommand(name)) throw new Error(`no command: ${name}`);
  const command = parseOperatorArguments(name, args);
  if (command === 'help' || !isWorldQuestion(command.question)) throw new Error('not of the world');
  const written: string[] = [];
  const output = { json: command.json, write: (text: string) => void written.push(text), note: () => undefined };
  expect(await runWorldCommand(world, command.question, output)).toBe(EXIT.ok);
  return written.join('');
}

describe('zonectl', () => {
  test('zones', async () => {
    expect((await run('zones')).split('\n').map((line) => line.replace(/ +/g, ' '))).toEqual([
      'ZONE NAME STANDING ROUTERS PEOPLE FREE RELEASES TRUNKS',
      'alpha - well 2 500 50 % - -',
      'beta - well 2 500 50 % - -',
      'eu.west - well 2 500 50 % - -',
      '',
    ]);
    expect(JSON.parse(await run('zones', '--json')).zones).toHaveLength(3);
  });

  test('zones --for: where somebody would go', async () => {
    expect(await run('zones', '--for', MEETING, '--rtt', 'beta=12', '--rtt', 'alpha=80.5')).toMatch(
      /^1\. beta: nearer, by the round trips.*\n2\. alpha: /,
    );
  });

  test('policies: shown, set, taken back, refused', async () => {
    expect(await run('policies')).toBe('None.\n');
    const set = await run('policies', '--set', 'zone.eu.west', '--residency', 'local', '--guests', 'alpha');
    expect(set).toMatch(/zone\.eu\.west +local +via alpha +- +1\n$/);
    await expect(run('policies', '--set', 'zone.eu.west', '--overflow', 'mars')).rejects.toMatchObject({
      exitCode: EXIT.refused,
      message: 'zone.eu.west: overflow to mars: there is no such zone.',
    });
    expect(await run('policies', '--set', 'zone.eu.west')).toMatch(/zone\.eu\.west +- +- +- +2\n$/);
    expect(JSON.parse(await run('policies', '--json')).policies).toMatchObject([
      { scope: 'zone.eu.west', revision: 2 },
    ]);
  });

  test('tree', async () => {
    await expect(run('tree', MEETING)).rejects.toMatchObject({ exitCode: EXIT.refused });
    await lab.present('alpha', MEETING, 3);
    await lab.present('beta', MEETING, 1);
    await lab.round();
    const grouped = MEETING.replace(/^(\d{3})(\d{4})/, '$1 $2 ');
    expect((await run('tree', grouped)).split('\n').map((line) => line.trimEnd())).toEqual([
      `Meeting  ${MEETING}`,
      'Home     alpha',
      'Tree     alpha: 3 people',
      '           beta: 1 person',
      'Alone    -',
      'Version  1',
      '',
    ]);
  });
});

test.each([
  [['zones', '--rtt', 'beta=12'], '--own and --rtt go with --for.'],
  [['zones', '--for', '1', '--rtt', 'beta'], '--rtt takes ZONE=MILLISECONDS'],
  [['policies', '--guests', 'none'], 'Rules go with --set.'],
  [['tree'], 'MEETING is missing.'],
  [['zones', 'eu'], 'does not take "eu"'],
])('%j is refused', (line, message) => {
  const [name = '', ...args] = line;
  expect(() => isOperatorCommand(name) && parseOperatorArguments(name, args)).toThrow(message);
});

test('help says what there is', () => {
  for (const name of ['zones', 'policies', 'tree'] as const) expect(operatorHelp(name)).toContain(`zonectl ${name}`);
});
