/** Values that come as texts. Pure. */
import { ZonecastError } from '../../common/errors.ts';
import { parseTime } from './schedule/wall-time.ts';

const MAX_COUNT = 100;

/** Unix time of an RFC 3339 time; without an offset it is UTC. @throws ZonecastError `badMessage` */
export function readInstant(name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return parseTime(text, 'UTC');
  } catch (error) {
    throw new ZonecastError('badMessage', `${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws ZonecastError `badMessage` */
export function readCount(name: string, text: string | undefined, byDefault: number): number {
  const count = text === undefined ? byDefault : Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= MAX_COUNT) return count;
  throw new ZonecastError('badMessage', `${name} is a number from 1 to ${MAX_COUNT}.`);
}
