/** Checks the fields of a controller's request: strings of the wire → the types of the router. */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ParticipantId, RouterId, ZoneId } from '../../common/ids.ts';
import type { Entry__Output } from '../../proto/gen/zonecast/router/v1/Entry.ts';
import type { ProbeCredential__Output } from '../../proto/gen/zonecast/router/v1/ProbeCredential.ts';
import type { TreePlace__Output } from '../../proto/gen/zonecast/router/v1/TreePlace.ts';
import type { TrustedZone__Output } from '../../proto/gen/zonecast/router/v1/TrustedZone.ts';
import type { ViewEntry__Output } from '../../proto/gen/zonecast/router/v1/ViewEntry.ts';
import type { ZoneLink__Output } from '../../proto/gen/zonecast/router/v1/ZoneLink.ts';
import { DEFAULT_SETTINGS } from '../../proto/meeting-settings.ts';
import type { SourceKind, ViewEntry } from '../media/negotiated.ts';
import type { ProbeCredential } from '../media/transport/probe-responder.ts';
import { MAX_MEDIA_LINES } from '../sdp/parse-offer.ts';
import type { MeetingPlace, ZoneLink } from './cascade/meeting-places.ts';
import type { Entry } from './meeting-joins.ts';
import type { PersonAct } from './state/acts.ts';
import type { MeetingStart, Role } from './state/meeting-state.ts';
import { readPersonAct } from './state/read-act.ts';
import { name, role } from './state/read-fields.ts';
import { parse, readStart } from './state/state-wire.ts';

const SOURCE_KINDS: ReadonlySet<string> = new Set<SourceKind>(['microphone', 'camera', 'screen']);

/** Of one meeting. */
const MAX_PLACES = 256;
const MAX_ZONES = 1_000;

/** Ids are opaque to a router; they key maps and stand in logs. */
function checkId(value: string, what: string): string {
  if (!/^[\w.-]{1,64}$/.test(value)) throw new ZonecastError('badMessage', `${what} is not an id`);
  return value;
}

export function readMeetingId(value: string): MeetingId {
  return checkId(value, 'meeting') as MeetingId;
}

export function readParticipantId(value: string): ParticipantId {
  return checkId(value, 'participant') as ParticipantId;
}

/** Of a controller's process. */
export function readInstance(value: string): string {
  return checkId(value, 'instance');
}

/** For people. By the same rules the states of other routers, and controllers, read it. */
export function readName(value: string): string {
  if (name(value) === undefined) throw new ZonecastError('badMessage', 'this is no name');
  return value;
}

/** Without it: a participant of an open meeting. `instance`: of the controller's process. */
export function readEntry(entry: Entry__Output | null, instance: string): Entry {
  const controller = readInstance(instance);
  if (entry === null)
    return { role: 'participant', returning: false, start: { settings: DEFAULT_SETTINGS }, controller };
  const read = role(entry.role) as Role | undefined; // as read
  if (read === undefined) throw new ZonecastError('badMessage', 'a role is host, cohost or participant');
  return { role: read, returning: entry.returning, start: readMeetingStart(entry.start), controller };
}

function readMeetingStart(json: string): MeetingStart {
  const start = json === '' ? { settings: DEFAULT_SETTINGS } : readStart(json);
  if (start === undefined) throw new ZonecastError('badMessage', 'the start of a meeting is not understood');
  return start;
}

export function readAct(json: string): PersonAct {
  const act = readPersonAct(parse(json));
  if (act === undefined) throw new ZonecastError('badMessage', 'the act is not understood');
  return act;
}

export function readSourceKind(value: string): SourceKind {
  if (!SOURCE_KINDS.has(value)) throw new ZonecastError('badMessage', 'a source is microphone, camera or screen');
  return value as SourceKind; // The set has exactly the members of the type.
}

export function readSources(sources: Readonly<Record<string, string>>): Record<string, SourceKind> {
  return Object.fromEntries(Object.entries(sources).map(([mid, kind]) => [mid, readSourceKind(kind)]));
}

export function readPlaces(places: readonly TreePlace__Output[]): MeetingPlace[] {
  if (places.length > MAX_PLACES) throw new ZonecastError('badMessage', `more than ${MAX_PLACES} places`);
  return places.map(({ router, address, worker, parent }) => ({
    router: checkId(router, 'router') as RouterId,
    address,
    worker,
    parent: typeof parent === 'number' ? parent : undefined,
  }));
}

export function readZoneLinks(links: readonly ZoneLink__Output[]): ZoneLink[] {
  if (links.length > MAX_PLACES) throw new ZonecastError('badMessage', `more than ${MAX_PLACES} links`);
  const read = links.map(
    ({ zone, router, address, worker, isParent, calls, version }): ZoneLink => ({
      zone: readZone(zone),
      version,
      router: checkId(router, 'router') as RouterId,
      address,
      worker,
      relation: isParent ? 'parent' : 'child',
      calls,
    }),
  );
  if (new Set(read.map(({ zone }) => zone)).size < read.length) throw new ZonecastError('badMessage', 'a zone twice');
  if (read.filter(({ relation }) => relation === 'parent').length > 1)
    throw new ZonecastError('badMessage', 'two parents');
  return read;
}

export function readTrustedZones(zones: readonly TrustedZone__Output[]): Map<ZoneId, string> {
  if (zones.length > MAX_ZONES) throw new ZonecastError('badMessage', `more than ${MAX_ZONES} zones`);
  return new Map(zones.map(({ zone, caPem }) => [readZone(zone), caPem]));
}

function readZone(value: string): ZoneId {
  return checkId(value, 'zone') as ZoneId;
}

/** Of the period that is, the one before and the one that comes. */
const MAX_PROBES = 8;
/** RFC 8839 section 5.4: at least 22 characters of password, 256 at most of both; our own way of writing them. */
const PROBE_UFRAG = /^probe\/[\w+/]{1,64}$/;
const PROBE_PASSWORD = /^[\w+/]{22,256}$/;

export function readProbeCredentials(credentials: readonly ProbeCredential__Output[]): ProbeCredential[] {
  if (credentials.length > MAX_PROBES) throw new ZonecastError('badMessage', `more than ${MAX_PROBES} credentials`);
  for (const { ufrag, password } of credentials) {
    const isOne = PROBE_UFRAG.test(ufrag) && PROBE_PASSWORD.test(password);
    if (!isOne) throw new ZonecastError('badMessage', 'this is no credential of a probe');
  }
  return credentials.map(({ ufrag, password }) => ({ ufrag, password }));
}

/** 0 in `maxHeight` or `maxFps` means no limit. */
export function readView(view: readonly ViewEntry__Output[]): ViewEntry[] {
  if (view.length > MAX_MEDIA_LINES) throw new ZonecastError('badMessage', `more than ${MAX_MEDIA_LINES} view entries`);
  return view.map((entry) => ({
    mid: entry.mid,
    source: readViewSource(entry),
    maxHeight: entry.maxHeight || undefined,
    maxFps: entry.maxFps || undefined,
  }));
}

function readViewSource(entry: ViewEntry__Output): ViewEntry['source'] {
  if (entry.fixed) {
    return { participant: readParticipantId(entry.fixed.participant), kind: readSourceKind(entry.fixed.kind) };
  }
  return entry.off ? 'off' : 'auto';
}
