/** A directory of a few zones for tests, and what they say. */
import type { ZoneId } from '../../common/ids.ts';
import type { ZoneStanding } from './known-zone.ts';
import { ZoneDirectory, type ZoneEvent } from './zone-directory.ts';
import { type ZoneRecord, zoneRecord } from './zone-record.ts';
import { readZoneStatus, type ZoneStatus } from './zone-status.ts';

export const zoneIds = (...names: string[]): ZoneId[] => names as ZoneId[];

export function recordOf(fields: Partial<ZoneRecord> = {}): ZoneRecord {
  return { ...zoneRecord.parse({ publicKey: 'key', caPem: 'ca' }), ...fields };
}

/** Half full by default. */
export function statusOf(fields: Partial<ZoneStatus> = {}): ZoneStatus {
  const capacity = { participants: 1_000, packetsPerSecond: 1_000_000 };
  const status = readZoneStatus({
    instance: 'i',
    seq: 1,
    load: { participants: 500, packetsPerSecond: 100_000, capacity },
    routersReady: 2,
    ...fields,
  });
  if (status === undefined) throw new Error('not a status');
  return status;
}

/** What a zone says of its trunk to another. */
export function trunkTo(zone: string, up: boolean): ZoneStatus['trunks'][number] {
  return { zone: zone as ZoneId, rttMs: 20, loss: up ? 0 : 1, up };
}

export class DirectoryLab {
  readonly directory = new ZoneDirectory();
  readonly #seqs = new Map<string, number>();
  nowMs: number;
  /** In words. */
  readonly events: string[] = [];

  constructor(zones: readonly string[], nowMs = 1_000) {
    this.nowMs = nowMs;
    for (const zone of zones) this.directory.putRecord(zone as ZoneId, recordOf(), nowMs);
  }

  say(zone: string, fields: Partial<ZoneStatus> = {}): void {
    const { instance = 'i' } = fields;
    const seq = fields.seq ?? (this.#seqs.get(`${zone} ${instance}`) ?? 0) + 1;
    this.#seqs.set(`${zone} ${instance}`, seq);
    this.#note(this.directory.handleStatus(zone as ZoneId, statusOf({ ...fields, instance, seq }), this.nowMs));
  }

  /** `each`: what happens before every tick. */
  pass(ms: number, each: () => void = () => undefined, tickMs = 250): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs; ) {
      this.nowMs += Math.min(tickMs, endMs - this.nowMs);
      each();
      this.tick();
    }
  }

  tick(): void {
    this.#note(this.directory.handleTimeout(this.nowMs));
  }

  standing(zone: string): ZoneStanding | undefined {
    return this.directory.zone(zone as ZoneId, this.nowMs)?.standing;
  }

  #note(events: readonly ZoneEvent[]): void {
    for (const event of events) {
      if (event.type === 'standing') this.events.push(`${event.zone} ${event.before} → ${event.now}`);
      else this.events.push(`${event.zone} ${event.type}${event.type === 'askSnapshot' ? ` ${event.why}` : ''}`);
    }
  }
}
