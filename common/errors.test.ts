import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ERROR_MAPPINGS, type ErrorCode, toZonecastError, ZonecastError } from './errors.ts';
import { fromGrpcError, toGrpcStatus } from './grpc-errors.ts';

function overTheWire(error: unknown): ServiceError {
  return Object.assign(new Error('wire'), toGrpcStatus(error));
}

describe('errors', () => {
  test('every code survives gRPC with its message and delay', () => {
    for (const code of Object.keys(ERROR_MAPPINGS) as ErrorCode[]) {
      const back = fromGrpcError(overTheWire(new ZonecastError(code, `about ${code}`, { retryAfterMs: 1500 })));
      expect(back).toMatchObject({ code, message: `about ${code}`, retryAfterMs: 1500 });
    }
    expect(fromGrpcError(overTheWire(new ZonecastError('badOffer', 'x'))).retryAfterMs).toBeUndefined();
  });

  test('what has no code is internal and keeps its text to itself', () => {
    const error = toZonecastError(new TypeError('secret path'));
    expect(error).toMatchObject({ code: 'internal', cause: expect.any(TypeError) });
    expect(error.message).not.toContain('secret');
    expect(toGrpcStatus('thrown string').code).toBe(status.INTERNAL);
  });

  test.each([
    [status.UNAVAILABLE, 'noRouter'],
    [status.DEADLINE_EXCEEDED, 'noRouter'],
    [status.UNIMPLEMENTED, 'internal'],
  ])('a peer that sends no code of ours: status %i is %s', (code, expected) => {
    const error = Object.assign(new Error('x'), { code, details: 'x', metadata: new Metadata() });
    expect(fromGrpcError(error).code).toBe(expected);
  });
});
