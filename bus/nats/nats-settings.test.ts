import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { mintZoneCertificates } from '../../common/mutual-tls.ts';
import { natsConfig, readNatsSettings } from './nats-settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'zonecast-nats-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));
function write(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

const servers = ['nats-1.example:4222'];
const BAD_CONFIG = expect.objectContaining({ code: 'badConfig' });

describe('the nats section', () => {
  test('has defaults for all but the servers', () => {
    const settings = readNatsSettings(natsConfig.parse({ servers }));
    const rest = { tls: undefined, credentials: undefined, dialTimeoutMs: 2_000, requestTimeoutMs: 5_000 };
    expect(settings).toEqual({ servers, ...rest });
  });

  test.each([{}, { servers: [] }, { servers: ['nats'] }, { servers, token: 'x' }, { servers, tls: { ca: 'x' } }])(
    'is refused when it is %j',
    (config) => {
      expect(natsConfig.safeParse(config).success).toBe(false);
    },
  );

  test('names files, which are read', async () => {
    const tls = await (await mintZoneCertificates()).issue('zone-controller', 'zc-1');
    const files = {
      ca: write('ca.pem', tls.caPem),
      certificate: write('zc.pem', tls.certificatePem),
      privateKey: write('zc.key', tls.privateKeyPem),
    };
    const nkeySeedFile = write('seed', 'SUAB\n');
    const settings = readNatsSettings(natsConfig.parse({ servers, tls: files, nkeySeedFile }));
    expect(settings.tls).toMatchObject(tls);
    expect(settings.credentials).toEqual({ nkeySeed: 'SUAB' });
    const credentialsFile = write('zone.creds', 'text\n');
    expect(readNatsSettings(natsConfig.parse({ servers, credentialsFile })).credentials).toEqual({
      credentials: 'text\n',
    });
    const both = natsConfig.parse({ servers, nkeySeedFile, credentialsFile });
    expect(() => readNatsSettings(both)).toThrow(BAD_CONFIG);
    const missing = natsConfig.parse({ servers, nkeySeedFile: join(directory, 'none') });
    expect(() => readNatsSettings(missing)).toThrow(BAD_CONFIG);
  });
});
