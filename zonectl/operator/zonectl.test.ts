/** zonectl as operators run it: processes of their own, against a zone that `zonectl up` runs, with people in it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HeadlessParticipant } from '../../client/headless/headless-participant.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const MAX_OUTPUT_BYTES = 1024 * 1024;

let home: string;
let env: NodeJS.ProcessEnv;
let zone: ChildProcess;
let meeting: string;
const people: HeadlessParticipant[] = [];

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'zonectl-zone-'));
  mkdirSync(join(home, 'run'), { mode: 0o700 });
  env = { ...process.env, XDG_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: join(home, 'config') };
  zone = spawn(process.execPath, [MAIN, 'up', '--free-ports'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (zone.stdout === null) throw new Error('no stdout');
  const [line] = await once(createInterface({ input: zone.stdout }), 'line');
  const url = new URL(String(line).replace('Zonecast is up: ', ''));
  const fragment = new URLSearchParams(url.hash.slice(1));
  meeting = fragment.get('meeting') ?? '';
  const passcode = fragment.get('passcode') ?? '';
  for (const name of ['Ada', 'Grace']) {
    people.push(await HeadlessParticipant.join({ url: url.origin, meeting, passcode, name }));
  }
});
afterAll(async () => {
  for (const participant of people) participant.close();
  const ended = once(zone, 'close');
  zone.kill('SIGTERM');
  await ended;
  const left = readdirSync(join(home, 'run/zonecast'));
  rmSync(home, { recursive: true });
  expect(left).toEqual([]);
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function zonectl(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], { env, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

/** Runs the command until its answer is as wanted: what routers report arrives a moment later. */
async function eventually(args: readonly string[], isRight: (stdout: string) => boolean): Promise<string> {
  for (;;) {
    const { code, stdout } = await zonectl(...args);
    if (code === 0 && isRight(stdout)) return stdout;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the shapes of JSON are what these tests are about
const json = async (...args: string[]): Promise<any> => JSON.parse((await zonectl(...args, '--json')).stdout);

describe('zonectl finds the zone that runs here', () => {
  test('status', async () => {
    const stdout = await eventually(['status'], (text) => /^People +2$/m.test(text));
    expect(stdout).toMatch(/^Zone +local, answered by zone-controller-1 \(Zonecast \d+\.\d+\.\d+\)$/m);
    expect(stdout).toMatch(/^Controllers +zone-controller-1 \(leader\), localhost:\d+, Zonecast .*, up \d+ s$/m);
    expect(stdout).toMatch(/^Routers +2 open$/m);
    expect(stdout).toMatch(/^Tunnels +1 open$/m);
    expect(stdout).toMatch(/^Meetings +1 on routers, 1 known$/m);
    expect(stdout).toMatch(/^Problems +none$/m);
    const totals = { routers: { open: 2 }, tunnels: { open: 1 } };
    expect(await json('status')).toMatchObject({ zone: 'local', problems: [], warnings: [], totals });
  });

  test('routers, one router, meetings, participants', async () => {
    const { routers } = await json('routers');
    expect(routers.map((each: { router: string }) => each.router)).toEqual(['router-1', 'router-2']);
    const { meetings } = await json('meetings');
    const [{ places }] = meetings;
    expect(meetings).toEqual([{ meeting, epoch: 1, participants: 2, places }]);
    expect(places).toEqual([{ router: expect.stringMatching(/^router-[12]$/), worker: 0, participants: 2 }]);
    const one = await zonectl('routers', places[0].router);
    expect(one.stdout).toMatch(/^WORKER {2}MEETINGS {2}PEOPLE/m);
    const { stdout } = await zonectl('participants', meeting);
    const [title, ...lines] = stdout.trimEnd().split('\n');
    expect(title).toMatch(/^PARTICIPANT +NAME +ROUTER +SOURCES +CONNECTED +UP +DOWN$/);
    expect(lines[0]).toMatch(/ Ada +router-[12]\/0 +microphone camera +yes /);
    expect(lines[1]).toContain(' Grace ');
    expect(lines).toHaveLength(2);
    const named = await json('participants', meeting);
    expect(named.participants.map((each: { name: string }) => each.name)).toEqual(['Ada', 'Grace']);
  });

  test('explain', async () => {
    const { stdout } = await zonectl('explain', meeting);
    expect(stdout).toMatch(/^Is on +router-[12]\/0 \(2\)$/m);
    expect(stdout).toMatch(/router-[12]\/0 +\d+ % +has the meeting, and room$/m);
    expect(await json('explain', '--new')).toMatchObject({ question: 'new meeting', media: 'full' });
  });

  test('meeting: is made, shown and ended', async () => {
    const plan = [
      '--start',
      '2030-03-25T09:30',
      '--zone',
      'Europe/Berlin',
      '--repeat',
      'FREQ=WEEKLY',
      '--duration',
      '45m',
    ];
    const made = await zonectl('meeting', 'create', '--title', 'Stand-up', ...plan);
    expect(made.stdout).toMatch(/^Title +Stand-up$/m);
    expect(made.stdout).toMatch(/^Next +2030-03-25T09:30:00\+01:00 to 2030-03-25T10:15:00\+01:00$/m);
    expect(made.stdout).toMatch(/^Repeats +FREQ=WEEKLY in Europe\/Berlin$/m);
    expect(made.stdout).toMatch(/^Link +http:.*#meeting=\d{11}&passcode=\w{8}$/m);
    expect(made.stdout).toMatch(/^Host key +\w{16}$/m);
    const id = /^Meeting +(\d+)$/m.exec(made.stdout)?.[1] ?? '';
    const change = ['--exclude', '2030-04-01T09:30', '--include', '2030-04-02T15:00+02:00'];
    expect((await zonectl('meeting', 'dates', id, ...change)).stdout).toMatch(
      /^2030-03-25T09:30:00\+01:00 .*\n2030-04-02T15:00:00\+02:00 +2030-04-02T15:45:00\+02:00\n2030-04-08T09:30/m,
    );
    const { occurrences } = await json('meeting', 'dates', id, '--include', '2030-04-01T09:30');
    expect(occurrences[1].start).toBe('2030-04-01T09:30:00+02:00');
    const nothing = await zonectl('meeting', 'dates', id, '--exclude', '2030-04-03T09:30');
    expect([nothing.code, nothing.stderr]).toEqual([4, expect.stringContaining('nothing to leave out')]);
    const { meeting: once } = await json('meeting', 'create', '--passcode', 'open-sesame');
    expect((await zonectl('meeting', 'end', once.meeting)).stdout).toMatch(/^State +ended$/m);
    expect((await zonectl('meeting', 'show', meeting)).stdout).toMatch(/^State +running$/m);
    const wrong = await zonectl('meeting', 'create', ...plan, '--repeat', 'FREQ=SECONDLY');
    expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('FREQ=SECONDLY')]);
    expect((await zonectl('meeting', 'make')).code).toBe(2);
  });

  test('move: he goes there; kick: he is told so', async () => {
    const [ada] = people;
    const { participants } = await json('participants', meeting);
    const router: string = participants[0].router;
    const other = router === 'router-1' ? 'router-2' : 'router-1';
    const moved = await zonectl('move', meeting, '--participant', ada?.id ?? '', '--to', other);
    expect(moved).toEqual({ code: 0, stdout: `${ada?.id} on ${router} is to go: ${other}.\n`, stderr: '' });
    const isMoved = (text: string): boolean =>
      JSON.parse(text).participants.filter((each: { name: string }) => each.name === 'Ada').length === 1 &&
      text.includes(`"name":"Ada","router":"${other}"`);
    await eventually(['participants', meeting, '--json'], isMoved);
    const kicked = await zonectl('kick', meeting, ada?.id ?? '', '--reason', 'test');
    expect(kicked.stdout).toBe(`${ada?.id} was on ${other} and has to leave.\n`);
    await eventually(['participants', meeting], (text) => !text.includes('Ada'));
    await expect.poll(() => ada?.end, { timeout: 10_000 }).toBe('removed');
  });

  test('drain: Ctrl-C ends the telling and not the draining; undrain', async () => {
    const { meetings } = await json('meetings');
    const busy: string = meetings[0].places[0].router;
    const idle = busy === 'router-1' ? 'router-2' : 'router-1';
    const drained = await zonectl('drain', idle, '--deadline', '30s');
    expect(drained.stdout).toMatch(/is empty after \d+ s\. "zonectl undrain/);
    expect(drained.code).toBe(0);
    expect((await zonectl('routers')).stdout).toMatch(new RegExp(`^${idle} +drained`, 'm'));
    const { code, stdout } = await zonectl('drain', busy, '--deadline', '1m', '--no-wait', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ router: busy, state: 'DRAINING', participants: 1 });
    const child = spawn(process.execPath, [MAIN, 'drain', busy], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect((await once(child, 'close'))[0]).toBe(130);
    const { routers } = await json('routers', busy);
    expect(routers[0].drain).toMatchObject({ by: 'zonectl' });
    for (const router of [busy, idle]) {
      expect((await zonectl('undrain', router)).stdout).toBe(`${router} takes new meetings again.\n`);
    }
    expect((await zonectl('undrain', busy)).stdout).toBe(`${busy} was not being drained.\n`);
  });

  // Some ten processes, on a machine that may be busy.
  test('tunnels: listed, drained and taken back', { timeout: 120_000 }, async () => {
    const { stdout: table } = await zonectl('tunnels');
    expect(table).toMatch(/^TUNNEL +STATE +LOAD +LEFT +RELEASE +CONTROLLER +URLS$/m);
    expect(table).toMatch(/^tunnel-1 +open +\d+ % +- +\d\S+ +zone-controller-1 +https:\/\/localhost:\d+$/m);
    const isDrained = await zonectl('drain', '--tunnel', 'tunnel-1', '--deadline', '30s');
    expect(isDrained.stdout).toMatch(/^tunnel-1 is empty after \d+ s\. "zonectl undrain --tunnel tunnel-1" opens/m);
    expect(isDrained.code).toBe(0);
    const one = await zonectl('tunnels', 'tunnel-1');
    expect(one.stdout).toMatch(/^tunnel-1 +drained +/m);
    expect(one.stdout).toMatch(/^TURN +turn:localhost:\d+\?transport=udp$/m);
    expect(one.stdout).toMatch(/^Drain +by zonectl, begun /m);
    const status = await zonectl('status');
    expect(status.stdout).toMatch(/^Tunnels +1 draining$/m);
    expect(status.stdout).toMatch(/^Problems +no HTTP tunnel takes people: all are draining$/m);
    const again = await zonectl('drain', '--tunnel', 'tunnel-1', '--no-wait', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ tunnel: 'tunnel-1', state: 'DRAINING' });
    const { tunnels } = await json('tunnels');
    expect(tunnels).toMatchObject([{ tunnel: 'tunnel-1', state: 'draining', left: 0, drain: { by: 'zonectl' } }]);
    const undrain = ['undrain', '--tunnel', 'tunnel-1'];
    expect(await zonectl(...undrain)).toEqual({ code: 0, stdout: 'tunnel-1 takes people again.\n', stderr: '' });
    expect((await zonectl(...undrain)).stdout).toBe('tunnel-1 was not being drained.\n');
    await eventually(['tunnels'], (text) => /^tunnel-1 +open /m.test(text));
    expect(await zonectl('drain', '--tunnel', 'router-1')).toMatchObject({
      code: 4,
      stderr: 'zonectl: There is no tunnel "router-1".\n',
    });
  });

  test('a controller that says no: 4, and its words', async () => {
    expect(await zonectl('participants', '123')).toEqual({
      code: 4,
      stdout: '',
      stderr: 'zonectl: Nobody is in a meeting "123".\n',
    });
  });
});

describe('zonectl elsewhere', () => {
  test('a controller that does not answer: 3, and why; the next one is asked', async () => {
    const [folder = ''] = readdirSync(join(home, 'run/zonecast'));
    const config = join(home, 'run/zonecast', folder, 'zonectl.yaml');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    const dead = `127.0.0.1:${port}`;
    const { code, stderr } = await zonectl('status', '--config', config, '--controller', dead);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: `zonectl: No controller answers: ${dead} (nothing listens there).\n`,
    });
    const { controllers } = await json('status');
    const both = ['--config', config, '--controller', dead, '--controller', controllers[0].address];
    expect((await zonectl('status', ...both)).code).toBe(0);
  });

  test('a certificate of another authority, or of another role, is refused', async () => {
    const out = join(home, 'certificates');
    await zonectl('certificates', '--out', out, '--operator', 'mallory');
    const [folder = ''] = readdirSync(join(home, 'run/zonecast'));
    const config = join(home, 'run/zonecast', folder, 'zonectl.yaml');
    const foreign = ['--cert', join(out, 'mallory.pem'), '--key', join(out, 'mallory.key')];
    const refused = await zonectl('status', '--config', config, ...foreign);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('is our certificate of its authority?') });
    const distrusted = await zonectl('status', '--config', config, '--ca', join(out, 'ca.pem'), ...foreign);
    expect(distrusted).toMatchObject({
      code: 3,
      stderr: expect.stringContaining("its certificate is not of the zone's authority"),
    });
  });

  test('wrong usage: 2; help: 0', async () => {
    expect((await zonectl('drain')).code).toBe(2);
    const nowhere = { ...env, XDG_RUNTIME_DIR: join(home, 'nothing') };
    const child = spawn(process.execPath, [MAIN, 'status'], { env: nowhere, stdio: 'ignore' });
    expect((await once(child, 'close'))[0]).toBe(2);
    const help = await zonectl('drain', '--help');
    expect(help).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('zonectl drain ROUTER') });
  });
});
