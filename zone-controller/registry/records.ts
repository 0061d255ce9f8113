/**
 * What the zone keeps in the registry, and where: keys, schemas and typed access. docs/registry.md is the list. A value
 * that cannot be read (of a newer format, or written by hand) is logged, counted and treated as not there; it is never
 * overwritten by accident, because its revision is not ABSENT.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { ABSENT, keyOf, type Registry } from './registry.ts';
import { RegistryView } from './registry-view.ts';

/** Grows when an older controller would misread a value; a new optional field does not need that. Absent: 1. */
const FORMAT = 1;
const envelope = z.looseObject({ format: z.literal(FORMAT).default(FORMAT) });

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

// The cast: only router ids are written there.
const routerId = z.string().transform((id) => id as RouterId);
/** A part of a meeting's tree. Without `worker`, the router chooses. */
const place = z.object({ router: routerId, worker: z.int().min(0).optional() });

/** Grows with every placement of the meeting; routers refuse commands of an older one. */
const epoch = z.int().min(1);
const tree = z.object({
  epoch,
  /** null between two placements. */
  root: place.nullable(),
  branches: z.array(place).default([]),
});
/** As it was written before meetings could spread. */
const singleRouter = z
  .object({ epoch, router: routerId.nullable() })
  .transform(({ epoch, router }) => ({ epoch, root: router === null ? null : { router }, branches: [] }));
const placement = z.union([tree, singleRouter]);
/** Where a meeting is. */
export type MeetingPlacement = z.output<typeof tree>;

const MAX_WORKERS = 256;
export const routerRecord = z.object({
  /** host:port of its gRPC service. */
  address: z.string().regex(/^.+:\d+$/),
  workers: z.int().min(1).max(MAX_WORKERS),
  /** Of each worker. */
  limits: z.object({ participants: z.int().min(1), packetsPerSecond: z.number().positive() }),
  labels: z.record(z.string(), z.string()).default({}),
  taints: z.array(z.string()).default([]),
  release: z.string(),
  /** The controller that it is registered with. */
  controller: z.string(),
});
export type RouterRecord = z.output<typeof routerRecord>;

const controller = z.object({
  /** host:port of its gRPC service. */
  address: z.string().min(1),
  release: z.string(),
  startedMs: z.number(),
});
export type ControllerRecord = z.output<typeof controller>;

/** A key of 256 bits, base64url. */
const secret = z.object({ key: z.string().regex(/^[\w-]{43}$/) });

/** What a key holds: `revision` is ABSENT when there is none; `value` is undefined when it cannot be read, too. */
export interface Lookup<Value> {
  readonly value: Value | undefined;
  readonly revision: number;
}

/** Told of each change: the new value, or undefined when it is gone or malformed. */
export type RecordListener<Id, Value> = (id: Id, value: Value | undefined) => void;

export class ZoneRecords {
  readonly #registry: Registry;
  readonly #root: string;
  readonly #log: Logger;
  /** Values that could not be read. */
  malformed = 0;

  constructor(registry: Registry, zone: ZoneId, log: Logger) {
    this.#registry = registry;
    this.#root = `/zonecast/zones/${zone}/`;
    this.#log = log;
  }

  /** For `campaign`. */
  get leaderKey(): string {
    return `${this.#root}leader`;
  }

  definition(meeting: MeetingId): Promise<Lookup<MeetingDefinition>> {
    return this.#read(`meetings/${meeting}`, definition);
  }

  putDefinition(meeting: MeetingId, value: MeetingDefinition, expected?: number): Promise<number> {
    return this.#registry.put(`${this.#root}meetings/${meeting}`, text(value), expected);
  }

  viewDefinitions(changed: RecordListener<MeetingId, MeetingDefinition>): RegistryView {
    return this.#view('meetings/', definition, changed);
  }

  /** Forgets a meeting: definition and placement. */
  async deleteMeeting(meeting: MeetingId): Promise<void> {
    await this.#registry.delete(`${this.#root}placements/${meeting}`);
    await this.#registry.delete(`${this.#root}meetings/${meeting}`);
  }

  placement(meeting: MeetingId): Promise<Lookup<MeetingPlacement>> {
    return this.#read(`placements/${meeting}`, placement);
  }

  /** Compare-and-swap. Throws ZonecastError `revisionConflict`. */
  putPlacement(meeting: MeetingId, value: MeetingPlacement, expected: number): Promise<number> {
    return this.#registry.put(`${this.#root}placements/${meeting}`, text(value), expected);
  }

  viewPlacements(changed: RecordListener<MeetingId, MeetingPlacement>): RegistryView {
    return this.#view('placements/', placement, changed);
  }

  router(id: RouterId): Promise<Lookup<RouterRecord>> {
    return this.#read(`routers/${id}`, routerRecord);
  }

  routerKey(id: RouterId): string {
    return `${this.#root}routers/${id}`;
  }

  /** For `LeasedKeys` of the controller that the router is registered with. */
  routerEntry(id: RouterId, value: RouterRecord): { readonly key: string; readonly value: string } {
    return { key: this.routerKey(id), value: text(value) };
  }

  viewRouters(changed: RecordListener<RouterId, RouterRecord>): RegistryView {
    return this.#view('routers/', routerRecord, changed);
  }

  controllerEntry(id: string, value: ControllerRecord): { readonly key: string; readonly value: string } {
    return { key: `${this.#root}controllers/${id}`, value: text(value) };
  }

  viewControllers(changed: RecordListener<string, ControllerRecord>): RegistryView {
    return this.#view('controllers/', controller, changed);
  }

  /** A key that all controllers of the zone use: of whoever was the first to want it. */
  async secret(name: string): Promise<Buffer> {
    const path = `secrets/${name}`;
    const found = await this.#read(path, secret);
    if (found.value !== undefined) return Buffer.from(found.value.key, 'base64url');
    if (found.revision !== ABSENT) throw new ZonecastError('badRecord', `The secret "${name}" cannot be read.`);
    const key = randomBytes(32);
    try {
      await this.#registry.put(`${this.#root}${path}`, text({ key: key.toString('base64url') }), ABSENT);
      return key;
    } catch (error) {
      if (error instanceof ZonecastError && error.code === 'revisionConflict') return this.secret(name);
      throw error;
    }
  }

  #view<Id extends string, Value>(
    folder: string,
    schema: z.ZodType<Value>,
    changed: RecordListener<Id, Value>,
  ): RegistryView {
    const prefix = `${this.#root}${folder}`;
    return new RegistryView({
      registry: this.#registry,
      prefix,
      log: this.#log,
      changed: (change) => {
        // The cast: the rest of the key is the id that it was written with.
        const id = keyOf(change).slice(prefix.length) as Id;
        const isPut = change.type === 'put';
        changed(id, isPut ? this.#parse(change.entry.key, change.entry.value, schema) : undefined);
      },
    });
  }

  async #read<Value>(name: string, schema: z.ZodType<Value>): Promise<Lookup<Value>> {
    const entry = await this.#registry.get(`${this.#root}${name}`);
    if (entry === undefined) return { value: undefined, revision: ABSENT };
    return { value: this.#parse(entry.key, entry.value, schema), revision: entry.revision };
  }

  #parse<Value>(key: string, text: string, schema: z.ZodType<Value>): Value | undefined {
    try {
      return schema.parse(envelope.parse(JSON.parse(text)));
    } catch {
      this.malformed++;
      this.#log.error({ key }, 'a registry value cannot be read and is ignored');
      return undefined;
    }
  }
}

function text(value: object): string {
  return JSON.stringify({ format: FORMAT, ...value });
}
