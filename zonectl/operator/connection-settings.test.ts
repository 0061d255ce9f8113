import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type MutualTls, mintZoneCertificates } from '../../common/mutual-tls.ts';
import { type ConnectionOptions, findConnection, mergeSettings } from './connection-settings.ts';
import { announceZone, runningZones } from './running-zones.ts';

const NOTHING: ConnectionOptions = {
  controller: undefined,
  ca: undefined,
  cert: undefined,
  key: undefined,
  config: undefined,
};
/** Larger than any pid of Linux (proc(5), pid_max). */
const NO_PID = 4_194_305;

let tls: MutualTls;
beforeAll(async () => {
  tls = await (await mintZoneCertificates()).issue('operator', 'alice', []);
});

let home: string;
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'zonectl-test-'));
  for (const name of ['run', 'config']) mkdirSync(join(home, name), { mode: 0o700 });
  env = { XDG_RUNTIME_DIR: join(home, 'run'), XDG_CONFIG_HOME: join(home, 'config') };
  writeFileSync(join(home, 'ca.pem'), tls.caPem);
  writeFileSync(join(home, 'alice.pem'), tls.certificatePem);
  writeFileSync(join(home, 'alice.key'), tls.privateKeyPem);
});
afterEach(() => rmSync(home, { recursive: true }));

const files = () => ({ ca: join(home, 'ca.pem'), cert: join(home, 'alice.pem'), key: join(home, 'alice.key') });

function writeConfig(text: string): string {
  mkdirSync(join(home, 'config/zonecast'));
  const path = join(home, 'config/zonecast/zonectl.yaml');
  writeFileSync(path, text);
  return path;
}

describe('settings', () => {
  test('each key is that of the first who has it', () => {
    expect(
      mergeSettings({ ca: 'a', cert: undefined }, { ca: 'b', cert: 'b' }, { cert: 'c', key: 'c', controller: ['c:1'] }),
    ).toEqual({ ca: 'a', cert: 'b', key: 'c', controller: ['c:1'] });
  });

  test('options before environment before file, whose names are relative to it', () => {
    writeConfig('controller: file:1\nca: ../../ca.pem\ncert: ../../alice.pem\nkey: ../../alice.key\n');
    expect(findConnection(NOTHING, env, 'controller')).toEqual({
      controllers: ['file:1'],
      tls: { caPem: tls.caPem, certificatePem: tls.certificatePem, privateKeyPem: tls.privateKeyPem },
    });
    const fromEnv = { ...env, ZONECAST_CONTROLLER: 'env:1, env:2' };
    expect(findConnection(NOTHING, fromEnv, 'controller').controllers).toEqual(['env:1', 'env:2']);
    expect(findConnection({ ...NOTHING, controller: ['option:1'] }, fromEnv, 'controller').controllers).toEqual([
      'option:1',
    ]);
  });

  test('commands that ask the world have controllers of their own, by the same option', () => {
    writeConfig('controller: zone:1\nglobal: world:1\nca: ../../ca.pem\ncert: ../../alice.pem\nkey: ../../alice.key\n');
    expect(findConnection(NOTHING, env, 'global').controllers).toEqual(['world:1']);
    expect(findConnection({ ...NOTHING, controller: ['option:1'] }, env, 'global').controllers).toEqual(['option:1']);
    const fromEnv = { ...env, ZONECAST_CONTROLLER: 'a:1', ZONECAST_GLOBAL: 'b:1' };
    expect(findConnection(NOTHING, fromEnv, 'global').controllers).toEqual(['b:1']);
    expect(findConnection(NOTHING, fromEnv, 'controller').controllers).toEqual(['a:1']);
  });

  test('a zone that runs here alone has no global controller', () => {
    announceZone({ controller: 'localhost:1', global: undefined }, tls, env);
    expect(() => findConnection(NOTHING, env, 'global')).toThrow('No global controller is named');
  });

  test('all from the environment', () => {
    const { ca, cert, key } = files();
    const all = { ...env, ZONECAST_CONTROLLER: 'a:1', ZONECAST_CA: ca, ZONECAST_CERT: cert, ZONECAST_KEY: key };
    expect(findConnection(NOTHING, all, 'controller').tls.caPem).toBe(tls.caPem);
  });

  test.each([
    ['controler: a:1\n', 'controler: unknown key'],
    ['controller: here\n', 'controller'],
  ])('a file with %j is refused', (text, message) => {
    writeConfig(text);
    expect(() => findConnection(NOTHING, env, 'controller')).toThrow(message);
  });

  test('what is missing is named', () => {
    const { ca, cert, key } = files();
    const some = { ...NOTHING, controller: ['a:1'] };
    expect(() => findConnection(NOTHING, env, 'controller')).toThrow(
      'No controller is named, and no "zonectl up" runs here.',
    );
    expect(() => findConnection({ ...some, ca }, env, 'controller')).toThrow('--cert, --key: missing.');
    expect(() => findConnection({ ...some, ca, cert, key: `${key}x` }, env, 'controller')).toThrow(
      'alice.keyx cannot be read',
    );
    expect(() => findConnection({ ...some, ca, cert: ca, key }, env, 'controller')).toThrow(
      'is not the private key of',
    );
    expect(() => findConnection({ ...NOTHING, config: join(home, 'no.yaml') }, env, 'controller')).toThrow(
      'no.yaml cannot be read',
    );
    expect(() => findConnection(some, { ...env, ZONECAST_CONTROLLER: 'x' }, 'controller')).toThrow(
      '"x" is not host:port',
    );
  });
});

describe('the zone that runs here', () => {
  test('is found, and only its user can read how', () => {
    const unannounce = announceZone({ controller: 'localhost:1', global: undefined }, tls, env);
    const [settings = ''] = runningZones(env);
    const folder = join(settings, '..');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(findConnection(NOTHING, env, 'controller')).toMatchObject({
      controllers: ['localhost:1'],
      tls: { privateKeyPem: tls.privateKeyPem },
    });
    unannounce();
    expect(runningZones(env)).toEqual([]);
  });

  test('of one whose process is gone nothing is left', () => {
    announceZone({ controller: 'localhost:1', global: undefined }, tls, env);
    const base = join(home, 'run/zonecast');
    mkdirSync(join(base, `up-${NO_PID}`));
    writeFileSync(join(base, `up-${NO_PID}`, 'zonectl.yaml'), 'controller: gone:1\n');
    expect(runningZones(env)).toHaveLength(1);
    expect(readdirSync(base)).toEqual([`up-${process.pid}`]);
  });

  test('of several, one has to be chosen', () => {
    announceZone({ controller: 'localhost:1', global: undefined }, tls, env);
    const base = join(home, 'run/zonecast');
    // The parent process runs, too.
    mkdirSync(join(base, `up-${process.ppid}`));
    writeFileSync(join(base, `up-${process.ppid}`, 'zonectl.yaml'), 'controller: localhost:2\n');
    expect(() => findConnection(NOTHING, env, 'controller')).toThrow(
      /Several .* Choose one with --config:\n {2}.*zonectl\.yaml\n/,
    );
    const config = join(base, `up-${process.pid}`, 'zonectl.yaml');
    expect(findConnection({ ...NOTHING, config }, env, 'controller').controllers).toEqual(['localhost:1']);
  });

  test('a folder that others can use is not trusted', () => {
    const base = join(home, 'run/zonecast');
    symlinkSync(home, base);
    expect(() => announceZone({ controller: 'localhost:1', global: undefined }, tls, env)).toThrow(
      'only this user can use',
    );
    expect(() => findConnection(NOTHING, env, 'controller')).toThrow('only this user can use');
    rmSync(base);
    mkdirSync(base);
    chmodSync(base, 0o755);
    expect(() => announceZone({ controller: 'localhost:1', global: undefined }, tls, env)).toThrow(
      'only this user can use',
    );
  });
});
