/** What operators ask of the world, answered from what the mirror knows; and orders: another policy, a zone that is drained. */
import type { Bus } from '../../bus/bus.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import type { ExplainZoneRequest__Output } from '../../proto/gen/zonecast/global/v1/ExplainZoneRequest.ts';
import type { MeetingTree } from '../../proto/gen/zonecast/global/v1/MeetingTree.ts';
import type { Policy, Policy__Output } from '../../proto/gen/zonecast/global/v1/Policy.ts';
import type { Zone } from '../../proto/gen/zonecast/global/v1/Zone.ts';
import type { ZoneRanking } from '../../proto/gen/zonecast/global/v1/ZoneRanking.ts';
import { parseMeetingId } from '../../zone-controller/meeting/meeting-id.ts';
import { DIRECTORY_BUCKET, directoryKey, POLICIES_BUCKET } from '../buckets.ts';
import type { WorldMirror } from '../daemon/world-mirror.ts';
import { geoPoint } from '../geo/geo-point.ts';
import { policyRecord } from '../policies/policy.ts';
import { policyKey, readPolicyScope, scopeName } from '../policies/policy-scope.ts';
import { rankZones } from '../ranking/rank-zones.ts';
import { CANDIDATE_WORDS, describeRanking, EXCLUDED_WORDS } from '../ranking/ranking.ts';
import type { KnownMeeting } from '../world/meeting-world.ts';
import { accountOf } from '../world/plan-meeting.ts';
import type { KnownZone } from '../zones/known-zone.ts';
import { zoneRecord } from '../zones/zone-record.ts';
import { headRoomOf } from '../zones/zone-status.ts';
import { policyMessage, rulesOf } from './policy-message.ts';

export class GlobalOrders {
  readonly #bus: Bus;
  readonly #mirror: WorldMirror;
  readonly #log: Logger;

  constructor(bus: Bus, mirror: WorldMirror, log: Logger) {
    this.#bus = bus;
    this.#mirror = mirror;
    this.#log = log;
  }

  zones(): Zone[] {
    return [...this.#mirror.planningWorld().zones.values()].map(zoneMessage);
  }

  /** @throws ZonecastError `noSuchZone`, `revisionConflict`, or as Bucket.put */
  async setDrained(id: string, drained: boolean, operator: string): Promise<Zone> {
    const zone = id as ZoneId; // a key to look for
    const known = this.#mirror.planningWorld().zones.get(zone);
    const directory = this.#bus.bucket(DIRECTORY_BUCKET);
    const entry = known && (await directory.get(directoryKey(zone)));
    const record = zoneRecord.safeParse(entry?.value).data;
    if (known === undefined || record === undefined) throw new ZonecastError('noSuchZone', `There is no zone ${id}.`);
    if (record.drained !== drained) {
      await directory.put(directoryKey(zone), { ...record, drained }, entry?.revision ?? 0);
      this.#log.info({ operator, zone, drained }, 'a zone is to be drained, or not any more');
    }
    return zoneMessage({ ...known, drained: drained || known.status?.drained === true });
  }

  policies(): Policy[] {
    return this.#mirror.policies.all().map(policyMessage);
  }

  /** @throws ZonecastError `badPolicy`, `revisionConflict`, or as Bucket.put */
  async setPolicy(wish: Policy__Output | null, operator: string): Promise<Policy> {
    const scope = readPolicyScope(wish?.scope ?? '');
    if (wish === null || scope === undefined)
      throw new ZonecastError('badPolicy', 'The scope is default, zone.ZONE or account.ACCOUNT.');
    const bucket = this.#bus.bucket(POLICIES_BUCKET);
    const entry = await bucket.get(policyKey(scope));
    const { policies } = this.#mirror;
    const held = policyRecord.safeParse(entry?.value);
    if (held.success) policies.put(scope, held.data);
    const zones = new Set(this.#mirror.planningWorld().zones.keys());
    const change = policies.change(scope, rulesOf(wish), wish.revision, zones);
    if (change.type === 'refused') throw new ZonecastError('badPolicy', `${change.problems.join('; ')}.`);
    if (change.type === 'stale') {
      throw new ZonecastError(
        'revisionConflict',
        `The policy is at revision ${change.revision} now: look at it again.`,
      );
    }
    await bucket.put(policyKey(scope), change.policy, entry?.revision ?? 0);
    policies.put(scope, change.policy);
    this.#log.info({ operator, scope: scopeName(scope), policy: change.policy }, 'a policy is changed');
    return policyMessage({ scope, policy: change.policy });
  }

  /** @throws ZonecastError `noSuchMeeting` */
  tree(text: string): MeetingTree {
    const { meeting, present, tree } = this.#meeting(text);
    const home = this.#mirror.meetings.homes.home(meeting);
    return {
      meeting,
      home: home?.zone ?? '',
      term: home?.term ?? 0,
      present: [...present].map(([zone, { people }]) => ({ zone, people })),
      root: tree?.value.root ?? '',
      edges: tree?.value.edges ?? [],
      version: tree?.value.version ?? 0,
    };
  }

  /** @throws ZonecastError `noSuchMeeting` when nobody has the block of the id */
  explain({ meeting: text, rttMs, place, own }: ExplainZoneRequest__Output): ZoneRanking {
    const { meetings, policies } = this.#mirror;
    const meeting = parseMeetingId(text);
    const home = meeting && meetings.homes.home(meeting);
    if (meeting === undefined || home === undefined) throw noSuchMeeting();
    const known = meetings.get(meeting);
    const account = known && accountOf(known);
    const where = geoPoint.safeParse(place);
    const ranking = rankZones({
      zones: [...this.#mirror.planningWorld().zones.values()],
      meeting: {
        home: home.zone,
        present: new Set(known?.present.keys()),
        policyIn: (zone) => policies.effective(zone, account),
      },
      participant: {
        own: own === '' ? undefined : (own as ZoneId), // a key to look for
        rttMs: new Map(Object.entries(rttMs) as [ZoneId, number][]), // keys to look for
        place: where.success ? where.data : undefined,
      },
      policyOf: (zone) => policies.effective(zone),
    });
    return {
      text: describeRanking(ranking),
      candidates: ranking.candidates.map(({ zone, reason, rttMs: rtt, distanceKm, headRoom }) => ({
        zone,
        reason,
        words: CANDIDATE_WORDS[reason],
        ...(rtt !== undefined && { rttMs: rtt }),
        ...(distanceKm !== undefined && { distanceKm }),
        ...(headRoom !== undefined && { headRoom }),
      })),
      excluded: ranking.excluded.map(({ zone, reason }) => ({ zone, reason, words: EXCLUDED_WORDS[reason] })),
    };
  }

  #meeting(text: string): KnownMeeting {
    const meeting = parseMeetingId(text);
    const known = meeting && this.#mirror.meetings.get(meeting);
    if (known === undefined) throw noSuchMeeting();
    return known;
  }
}

function noSuchMeeting(): ZonecastError {
  return new ZonecastError('noSuchMeeting', 'There is no such meeting in any zone.');
}

function zoneMessage({ zone, record, standing, silentMs, drained, status }: KnownZone): Zone {
  const { name, region } = record;
  const known = { zone, name, region, standing, silentMs, drained };
  if (status === undefined) return known;
  const { load, routersReady, releases, trunks } = status;
  return { ...known, participants: load.participants, routersReady, headRoom: headRoomOf(status), releases, trunks };
}
