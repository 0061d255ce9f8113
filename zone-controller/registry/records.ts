/**
 * What the zone keeps in the registry, and where: keys, schemas and typed access. A value that does not fit its schema
 * (written by a newer version, or by hand) is logged and treated as not there; it is never overwritten by accident,
 * because its revision is not ABSENT.
 */
import { z } from 'zod';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { ABSENT, type Registry } from './registry.ts';

const secretHash = z.object({
  salt: z.string(),
  hash: z.string(),
  N: z.number().int(),
  r: z.number().int(),
  p: z.number().int(),
});

const definition = z.object({
  passcode: secretHash,
  hostKey: secretHash,
  createdMs: z.number(),
  /** Of no use after this wall-clock time; null: kept for ever. */
  expiresMs: z.number().nullable(),
});
export type MeetingDefinition = z.infer<typeof definition>;

const placement = z.object({
  /** Grows with every placement of the meeting; routers refuse commands of an older one. */
  epoch: z.number().int().min(1),
  /** null between two placements. */
  router: z.string().nullable(),
});
/** Where a meeting is. The cast of the id is the schema's: only router ids are written. */
export type MeetingPlacement = { readonly epoch: number; readonly router: RouterId | null };

export interface Versioned<Value> {
  readonly value: Value;
  readonly revision: number;
}

/** `revision` of something absent is ABSENT; of something malformed, its own. */
export type Lookup<Value> = Versioned<Value> | { readonly value: undefined; readonly revision: number };

export class ZoneRecords {
  readonly #registry: Registry;
  readonly #root: string;
  readonly #log: Logger;
  /** Values that did not fit their schema. */
  malformed = 0;

  constructor(registry: Registry, zone: ZoneId, log: Logger) {
    this.#registry = registry;
    this.#root = `/zonecast/zones/${zone}/`;
    this.#log = log;
  }

  definition(meeting: MeetingId): Promise<Lookup<MeetingDefinition>> {
    return this.#read(`meetings/${meeting}`, definition);
  }

  putDefinition(meeting: MeetingId, value: MeetingDefinition, expected?: number): Promise<number> {
    return this.#registry.put(`${this.#root}meetings/${meeting}`, JSON.stringify(value), expected);
  }

  async definitions(): Promise<readonly { readonly meeting: MeetingId; readonly value: MeetingDefinition }[]> {
    const prefix = `${this.#root}meetings/`;
    return (await this.#registry.list(prefix)).flatMap(({ key, value }) => {
      const parsed = this.#parse(key, value, definition);
      return parsed === undefined ? [] : [{ meeting: key.slice(prefix.length) as MeetingId, value: parsed }];
    });
  }

  /** Forgets a meeting: definition and placement. */
  async deleteMeeting(meeting: MeetingId): Promise<void> {
    await this.#registry.delete(`${this.#root}placements/${meeting}`);
    await this.#registry.delete(`${this.#root}meetings/${meeting}`);
  }

  async placement(meeting: MeetingId): Promise<Lookup<MeetingPlacement>> {
    // The cast: the schema checked a string, and only router ids are written there.
    return this.#read(`placements/${meeting}`, placement) as Promise<Lookup<MeetingPlacement>>;
  }

  /** Compare-and-swap. @throws ZonecastError `revisionConflict` */
  putPlacement(meeting: MeetingId, value: MeetingPlacement, expected: number): Promise<number> {
    return this.#registry.put(`${this.#root}placements/${meeting}`, JSON.stringify(value), expected);
  }

  async #read<Value>(name: string, schema: z.ZodType<Value>): Promise<Lookup<Value>> {
    const entry = await this.#registry.get(`${this.#root}${name}`);
    if (entry === undefined) return { value: undefined, revision: ABSENT };
    return { value: this.#parse(entry.key, entry.value, schema), revision: entry.revision } as Lookup<Value>;
  }

  #parse<Value>(key: string, text: string, schema: z.ZodType<Value>): Value | undefined {
    try {
      return schema.parse(JSON.parse(text));
    } catch {
      this.malformed++;
      this.#log.error({ key }, 'a registry value is malformed and is ignored');
      return undefined;
    }
  }
}
