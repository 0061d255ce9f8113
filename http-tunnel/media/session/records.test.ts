import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_MEDIA_BYTES,
  MAX_TEXT_BYTES,
  MAX_WHOLE_TEXT_BYTES,
  MORE_FOLLOWS,
  TunnelChannel,
} from '../../../proto/tunnel.ts';
import { KeptRecords, MAX_KEPT_RECORDS } from './kept-records.ts';
import { type OutgoingRecord, readRecords, writeRecords } from './records.ts';
import { cutText, TextJoiner } from './text-parts.ts';

function read(message: Buffer): { records: OutgoingRecord[]; isWhole: boolean } {
  const records: OutgoingRecord[] = [];
  const isWhole = readRecords(message, (channel, payload) => records.push({ channel, payload }) > 0);
  return { records, isWhole };
}

const record = fc.record({
  channel: fc.constantFrom(...Object.values(TunnelChannel), TunnelChannel.control | MORE_FOLLOWS),
  payload: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
});

describe('records', () => {
  test('what is written is read, and any cut of it is found', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), fc.nat(), (records, at) => {
        const message = writeRecords(records);
        expect(read(message)).toEqual({ records, isWhole: true });
        const cut = at % (message.length + 1);
        const part = read(message.subarray(0, cut));
        const ends = records.map((_, i) => writeRecords(records.slice(0, i + 1)).length);
        expect(part.isWhole).toBe(cut === 0 || ends.includes(cut));
        expect(part.records).toEqual(records.slice(0, part.records.length));
      }),
      { seed: 20261122, numRuns: 500 },
    );
  });

  test('any bytes are records or are not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { records, isWhole } = read(Buffer.from(bytes));
        const written = writeRecords(records);
        expect(Buffer.from(bytes).subarray(0, written.length)).toEqual(written);
        if (isWhole) expect(written.length).toBe(bytes.length);
      }),
      { seed: 20261122, numRuns: 2000 },
    );
  });

  test('media of more than an MTU is none', () => {
    const media = (size: number) => read(writeRecords([{ channel: TunnelChannel.media, payload: Buffer.alloc(size) }]));
    expect([media(MAX_MEDIA_BYTES).isWhole, media(MAX_MEDIA_BYTES + 1).isWhole]).toEqual([true, false]);
  });
});

describe('texts', () => {
  function join(records: readonly OutgoingRecord[]): (string | undefined)[] {
    const joiner = new TextJoiner();
    return records.map(({ channel, payload }) => joiner.push(payload as Buffer, (channel & MORE_FOLLOWS) !== 0));
  }

  test.each([0, 1, MAX_TEXT_BYTES, MAX_TEXT_BYTES + 1, 3 * MAX_TEXT_BYTES, MAX_WHOLE_TEXT_BYTES])(
    '%i bytes',
    (size) => {
      const text = 'x'.repeat(size);
      const records = cutText(TunnelChannel.control, text);
      expect(records).toHaveLength(Math.max(1, Math.ceil(size / MAX_TEXT_BYTES)));
      expect(join(records).at(-1)).toBe(text);
    },
  );

  test('characters may be cut in the middle', () => {
    const text = `x${'ä'.repeat(MAX_TEXT_BYTES)}`;
    expect(join(cutText(TunnelChannel.signalling, text)).at(-1)).toBe(text);
  });

  test('too long, empty parts, and no UTF-8 are refused', () => {
    expect(join(cutText(TunnelChannel.control, 'x'.repeat(MAX_WHOLE_TEXT_BYTES + 1))).at(-1)).toBeUndefined();
    expect(join([{ channel: MORE_FOLLOWS, payload: Buffer.alloc(0) }])).toEqual([undefined]);
    expect(join([{ channel: 0, payload: Buffer.of(0xc3) }])).toEqual([undefined]);
  });
});

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('say' as const) }),
    fc.record({ do: fc.constant('send' as const), count: fc.nat(5) }),
    fc.record({ do: fc.constant('deliver' as const), count: fc.nat(5) }),
    fc.record({ do: fc.constant('acknowledge' as const) }),
    fc.record({ do: fc.constant('break' as const) }),
  ),
  { maxLength: 80 },
);

test('kept records: whatever breaks in between, the client gets each once and in order', () => {
  fc.assert(
    fc.property(steps, (plan) => {
      const kept = new KeptRecords();
      let said = 0;
      let wire: number[] = [];
      const got: number[] = [];
      const run = (step: (typeof plan)[number]) => {
        if (step.do === 'say') expect(kept.push({ channel: 0, payload: Buffer.from([said++]) })).toBe(true);
        else if (step.do === 'send') {
          for (let i = 0; i < step.count; i++) {
            const next = kept.takeUnsent();
            if (next !== undefined) wire.push(next.payload[0] as number);
          }
        } else if (step.do === 'deliver') got.push(...wire.splice(0, step.count));
        else if (step.do === 'acknowledge') expect(kept.handleReceived(got.length)).toBe(true);
        else {
          wire = [];
          expect(kept.resume(got.length)).toBe(true);
        }
      };
      for (const step of plan) run(step);
      run({ do: 'send', count: said });
      run({ do: 'deliver', count: said });
      run({ do: 'acknowledge' });
      expect(got).toEqual(Array.from({ length: said }, (_, i) => i));
      expect([kept.bytes, kept.hasUnsent]).toEqual([0, false]);
    }),
    { seed: 20261122, numRuns: 500 },
  );
});

test('kept records: no more than so many, and no lies about them', () => {
  const kept = new KeptRecords();
  for (let i = 0; i < MAX_KEPT_RECORDS; i++) kept.push({ channel: 0, payload: Buffer.of(1) });
  expect(kept.push({ channel: 0, payload: Buffer.of(1) })).toBe(false);
  kept.takeUnsent();
  expect([kept.handleReceived(2), kept.handleReceived(-1), kept.handleReceived(0.5), kept.handleReceived(1)]).toEqual([
    false,
    false,
    false,
    true,
  ]);
  expect(kept.resume(0)).toBe(false);
});
