import { describe, expect, test } from 'vitest';
import type { MeetingId } from '../../common/ids.ts';
import { EpochTable } from './epoch-table.ts';

const A = 'a' as MeetingId;
const B = 'b' as MeetingId;
const C = 'c' as MeetingId;

describe('EpochTable', () => {
  test('accepts the same and higher epochs, refuses lower ones, per meeting', () => {
    const table = new EpochTable();
    expect(table.check(A, 3)).toBeUndefined();
    expect(table.check(A, 3)).toBeUndefined();
    expect(table.check(A, 2)).toBe(3);
    expect(table.check(B, 1)).toBeUndefined();
    expect(table.check(A, 7)).toBeUndefined();
    expect(table.check(A, 3)).toBe(7);
  });

  test('at its maximum it forgets the meeting unused for longest', () => {
    const table = new EpochTable(2);
    table.check(A, 5);
    table.check(B, 5);
    table.check(A, 5);
    table.check(C, 5);
    expect(table.evictions).toBe(1);
    expect(table.check(A, 4)).toBe(5);
    expect(table.check(B, 4)).toBeUndefined();
  });
});
