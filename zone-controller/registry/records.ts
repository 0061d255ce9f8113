/**
 * What the zone keeps in the registry, and where: keys, schemas and typed access. docs/registry.md is the list. A value
 * that cannot be read (of a newer format, or written by hand) is logged, counted and treated as not there; it is never
 * overwritten by accident, because its revision is not ABSENT.
 */
import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { BlockId } from '../../global-controller/blocks/meeting-ids.ts';
import { policyRules } from '../../global-controller/policies/policy.ts';
import type { MeetingSettings } from '../../proto/meeting-settings.ts';
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

/** Of each setting of a meeting, the values that it can have. */
export const settingFields = {
  locked: z.boolean(),
  waitingRoom: z.boolean(),
  joinBeforeHost: z.boolean(),
  unmuteSelf: z.boolean(),
  shareBy: z.enum(['host', 'all']),
  chat: z.enum(['all', 'host', 'off']),
  renameSelf: z.boolean(),
} satisfies Record<keyof MeetingSettings, z.ZodType>;

const schedule = z.object({
  /** Unix time of the first occurrence. */
  startMs: z.number(),
  durationMinutes: z.int().min(1),
  /** IANA name, in which the times of day of the recurrence stay the same. */
  timeZone: z.string(),
  /** RFC 5545 section 3.8.5.3, without DTSTART. Absent: once. */
  rrule: z.string().optional(),
  /** EXDATE, section 3.8.5.1: Unix times of occurrences that are left out. */
  excluded: z.array(z.number()).optional(),
  /** RDATE, section 3.8.5.2: Unix times of further ones, after the first. */
  included: z.array(z.number()).optional(),
});

/** Every field after `expiresMs` is absent in what earlier releases wrote. */
export const definition = z.object({
  passcode: secretHash,
  hostKey: secretHash,
  createdMs: z.number(),
  /** Of no use after this wall-clock time; null: kept for ever. */
  expiresMs: z.number().nullable(),
  title: z.string().optional(),
  /** Who made it, as identity providers name people: `{issuer} {subject}`. He is its host. */
  owner: z.string().optional(),
  /** Whose policy counts. */
  account: z.string().optional(),
  schedule: schedule.optional(),
  /** What it begins with; those that are not named are as in DEFAULT_SETTINGS. */
  settings: z.object(settingFields).partial().optional(),
  limits: z.object({ participants: z.int().min(1).optional(), minutes: z.int().min(1).optional() }).optional(),
  /** Somebody's personal room. */
  personal: z.boolean().optional(),
  /** A breakout room of this meeting. */
  main: z.string().optional(),
  /** What its maker wants for where it may be (global-controller/policies). */
  policy: policyRules.optional(),
  /** Whether a host has ended it: nobody comes in any more. */
  ended: z.boolean().optional(),
  /** A copy: the meeting is that zone's. */
  home: z.string().optional(),
  /** A copy that a host has ended here; its zone is still to be told. */
  endUntold: z.boolean().optional(),
  /** Grows with each change that people make. Absent: 1. */
  revision: z.int().min(1).optional(),
  /** Unix time since which it has been running; only of meetings that may run for so many minutes. */
  runningSinceMs: z.number().optional(),
});
export type MeetingDefinition = z.infer<typeof definition>;

// The cast: only router ids are written there.
const routerId = z.string().transform((id) => id as RouterId);
/** Records of before meetings could spread name no worker; such meetings ended with the routers of that time. */
const place = z.object({ router: routerId, worker: z.int().min(0).default(0) });
/** `parent`: index, in the root and then the branches, of the place that its trunk leads to. */
const branch = place.extend({ parent: z.int().min(0).default(0) });

/** Why people are to move away from a place. */
const leavingReason = z.enum(['drain', 'rebalance', 'admin']);

/** Grows when a meeting starts anew or loses a place; routers refuse commands of an older one. */
const epoch = z.int().min(1);
const tree = z
  .object({
    epoch,
    /** Grows with each change, whatever the epoch. */
    version: z.int().min(1).default(1),
    /** null between two placements. */
    root: place.nullable(),
    branches: z.array(branch).default([]),
    /** Places of the tree that are being emptied: nobody comes, who is there moves. */
    leaving: z.array(place.extend({ why: leavingReason.default('rebalance') })).default([]),
  })
  .refine(
    ({ branches }) => branches.every(({ parent }, index) => parent <= index),
    'a parent stands before its branches',
  );
/** As it was written before meetings could spread. */
const singleRouter = z.object({ epoch, router: routerId.nullable() }).transform(({ epoch, router }) => ({
  epoch,
  version: 1,
  root: router === null ? null : { router, worker: 0 },
  branches: [],
  leaving: [],
}));
const placement = z.union([tree, singleRouter]);
/** Where a meeting is. */
export type MeetingPlacement = z.output<typeof tree>;

const MAX_WORKERS = 256;
const MAX_MEDIA_ADDRESSES = 4 * MAX_WORKERS;
export const routerRecord = z.object({
  /** host:port of its gRPC service. */
  address: z.string().regex(/^.+:\d+$/),
  /** The same for routers of other zones; absent: it does not listen to them. */
  zonesAddress: z
    .string()
    .regex(/^.+:\d+$/)
    .optional(),
  workers: z.int().min(1).max(MAX_WORKERS),
  /** Where they receive media. Absent: of a release before it was told. */
  media: z
    .array(z.object({ address: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(1).max(65_535) }))
    .max(MAX_MEDIA_ADDRESSES)
    .optional(),
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
  /** Where people reach it; absent: of a release before clients were told of other controllers. */
  url: z.url({ protocol: /^https?$/ }).optional(),
  release: z.string(),
  startedMs: z.number(),
});
export type ControllerRecord = z.output<typeof controller>;

const MAX_URLS = 8;
const MAX_URL_CHARACTERS = 512;
/** Of a URL's host and port no more than everybody reads alike: they go into headers, and to clients. */
const HOST = /([\w-]+(\.[\w-]+)*|\[[\da-f:.]+\])(:\d{1,5})?/.source;
/** An HTTP tunnel. */
export const tunnelRecord = z.object({
  /** Where clients reach it. */
  urls: z
    .array(
      z
        .string()
        .max(MAX_URL_CHARACTERS)
        .regex(new RegExp(`^https://${HOST}/?$`, 'i')),
    )
    .min(1)
    .max(MAX_URLS),
  /** RFC 7065. Empty: it has no TURN. */
  turnUrls: z
    .array(
      z
        .string()
        .max(MAX_URL_CHARACTERS)
        .regex(new RegExp(`^turns?:${HOST}(\\?transport=(udp|tcp))?$`, 'i')),
    )
    .max(MAX_URLS)
    .default([]),
  /** The share of its limits that is in use. */
  load: z.number().min(0).max(1).default(0),
  /** Nobody new is sent there. */
  draining: z.boolean().default(false),
  /** While it is draining: connections and TURN allocations that are still there. Absent: not told. */
  left: z.int().min(0).optional(),
  release: z.string(),
  /** The controller that it is registered with. */
  controller: z.string(),
});
export type TunnelRecord = z.output<typeof tunnelRecord>;

/** A wish of operators: the router is to be emptied by then. It stays until it is taken back. */
const drain = z.object({
  startedMs: z.number(),
  /** Whoever is still there at this wall-clock time stays. */
  deadlineMs: z.number(),
  /** Name of the operator's certificate, or of the daemon that drains itself. */
  by: z.string(),
});
export type DrainRecord = z.output<typeof drain>;

/** The same of an HTTP tunnel, which nobody is moved away from: without an end. */
const tunnelDrain = drain.omit({ deadlineMs: true });
export type TunnelDrainRecord = z.output<typeof tunnelDrain>;

/** A wish of operators: a meeting's place, or one participant, is to go elsewhere. Who carries it out deletes it. */
const moveWish = z.object({
  /** undefined: the whole place goes. */
  participant: z
    .string()
    // The cast: only participant ids are written there.
    .transform((id) => id as ParticipantId)
    .optional(),
  /** The place that it is to leave; of a participant, the router counts. */
  from: place,
  /** undefined: wherever there is room; without `worker`: on any of that router. */
  to: z.object({ router: routerId, worker: z.int().min(0).optional() }).optional(),
  /** Of no use after this wall-clock time: to be deleted unread. */
  expiresMs: z.number(),
  by: z.string(),
});
export type MoveWish = z.output<typeof moveWish>;

/** A block of meeting ids that the zone has. */
const ownBlock = z.object({ seenMs: z.number() });

const leader = z.object({ controller: z.string() });

// The cast: only meeting ids are written there.
const personalRoom = z.object({ meeting: z.string().transform((id) => id as MeetingId) });

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

  /** Whose personal room is which meeting. `person`: see `personKey`. */
  personalRoom(person: string): Promise<Lookup<{ readonly meeting: MeetingId }>> {
    return this.#read(`rooms/${person}`, personalRoom);
  }

  /** Compare-and-swap. Throws ZonecastError `revisionConflict`. */
  putPersonalRoom(person: string, meeting: MeetingId, expected: number): Promise<number> {
    return this.#registry.put(`${this.#root}rooms/${person}`, text({ meeting }), expected);
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

  tunnelKey(id: string): string {
    return `${this.#root}tunnels/${id}`;
  }

  /** For `LeasedKeys` of the controller that the tunnel is registered with. */
  tunnelEntry(id: string, value: TunnelRecord): { readonly key: string; readonly value: string } {
    return { key: this.tunnelKey(id), value: text(value) };
  }

  viewTunnels(changed: RecordListener<string, TunnelRecord>): RegistryView {
    return this.#view('tunnels/', tunnelRecord, changed);
  }

  controllerEntry(id: string, value: ControllerRecord): { readonly key: string; readonly value: string } {
    return { key: `${this.#root}controllers/${id}`, value: text(value) };
  }

  viewControllers(changed: RecordListener<string, ControllerRecord>): RegistryView {
    return this.#view('controllers/', controller, changed);
  }

  viewLeader(changed: (leader: string | undefined) => void): RegistryView {
    return this.#view('leader', leader, (_id, value) => changed(value?.controller));
  }

  drain(router: RouterId): Promise<Lookup<DrainRecord>> {
    return this.#read(`drains/${router}`, drain);
  }

  /** One from before is replaced. */
  putDrain(router: RouterId, value: DrainRecord): Promise<number> {
    return this.#registry.put(`${this.#root}drains/${router}`, text(value));
  }

  /** False when there was none. */
  deleteDrain(router: RouterId): Promise<boolean> {
    return this.#registry.delete(`${this.#root}drains/${router}`);
  }

  viewDrains(changed: RecordListener<RouterId, DrainRecord>): RegistryView {
    return this.#view('drains/', drain, changed);
  }

  tunnelDrain(tunnel: string): Promise<Lookup<TunnelDrainRecord>> {
    return this.#read(`tunnelDrains/${tunnel}`, tunnelDrain);
  }

  /** One from before is replaced. */
  putTunnelDrain(tunnel: string, value: TunnelDrainRecord): Promise<number> {
    return this.#registry.put(`${this.#root}tunnelDrains/${tunnel}`, text(value));
  }

  /** False when there was none. */
  deleteTunnelDrain(tunnel: string): Promise<boolean> {
    return this.#registry.delete(`${this.#root}tunnelDrains/${tunnel}`);
  }

  viewTunnelDrains(changed: RecordListener<string, TunnelDrainRecord>): RegistryView {
    return this.#view('tunnelDrains/', tunnelDrain, changed);
  }

  /** `id`: see `moveWishId`. One from before is replaced. */
  putMove(id: string, value: MoveWish): Promise<number> {
    return this.#registry.put(`${this.#root}moves/${id}`, text(value));
  }

  /** Carried out, or out of date. False when there was none. */
  deleteMove(id: string): Promise<boolean> {
    return this.#registry.delete(`${this.#root}moves/${id}`);
  }

  viewMoves(changed: RecordListener<string, MoveWish>): RegistryView {
    return this.#view('moves/', moveWish, changed);
  }

  /** So that a controller which starts while the other zones cannot be asked knows which ids are the zone's. */
  putBlock(block: BlockId, seenMs: number): Promise<number> {
    return this.#registry.put(`${this.#root}blocks/${block}`, text({ seenMs }));
  }

  viewBlocks(changed: RecordListener<BlockId, { readonly seenMs: number }>): RegistryView {
    return this.#view('blocks/', ownBlock, changed);
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

/** `owner` as in definitions: `{issuer} {subject}`, which are no keys. */
export function personKey(owner: string): string {
  return createHash('sha256').update(owner).digest('base64url');
}

/** One wish for each participant, and one for each place of a meeting; the meeting comes first, up to the `+`. */
export function moveWishId(meeting: MeetingId, who: ParticipantId | MoveWish['from']): string {
  return `${meeting}+${typeof who === 'string' ? who : `${who.router}:${who.worker}`}`;
}
