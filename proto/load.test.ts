import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { generateProto } from '../scripts/generate-proto.ts';
import type { Event__Output } from './gen/zonecast/router/v1/Event.ts';
import { RouterService, ZoneService } from './load.ts';

/** Relative path → text of every file below a directory. */
function readTree(directory: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, name);
    if (statSync(path).isFile()) files[name] = readFileSync(path, 'utf8');
  }
  return files;
}

describe('proto', () => {
  test('the committed types are those of the .proto files', () => {
    const fresh = mkdtempSync(join(tmpdir(), 'zonecast-proto-'));
    try {
      generateProto(fresh);
      expect(readTree(fileURLToPath(new URL('gen', import.meta.url)))).toEqual(readTree(fresh));
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  });

  test('messages keep their shape over the wire, as the generated types say', () => {
    const { requestSerialize, requestDeserialize } = RouterService.service.Join;
    const request = requestDeserialize(requestSerialize({ meeting: '12', epoch: 7, sources: { '0': 'microphone' } }));
    expect(request).toEqual({
      meeting: '12',
      epoch: 7,
      participant: '',
      offer: '',
      sources: { '0': 'microphone' },
      muted: [],
      name: '',
      home: null,
      maxParticipants: 0,
      audioOnly: false,
      entry: null,
    });
    const { responseSerialize, responseDeserialize } = RouterService.service.Events;
    const event: Event__Output = responseDeserialize(responseSerialize({ taken: { meeting: '12', participant: 'p' } }));
    expect(event.event).toBe('taken');
    expect(event.taken).toEqual({ meeting: '12', participant: 'p' });
    expect(event.left).toBeUndefined();
  });

  test('services have the methods of the design', () => {
    expect(Object.keys(ZoneService.service)).toEqual(['Register', 'RegisterTunnel']);
    expect(RouterService.service.Events.responseStream).toBe(true);
  });
});
