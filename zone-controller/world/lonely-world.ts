/** The world of a zone that is alone: every meeting is its own, and everybody comes to it. */
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import { type EffectivePolicy, effectivePolicy } from '../../global-controller/policies/effective-policy.ts';
import type { Ranking } from '../../global-controller/ranking/ranking.ts';
import { randomMeetingId } from '../meeting/meeting-id.ts';
import { unreachable } from './meeting-requests.ts';
import type { JoinQuery, World } from './world.ts';

export class LonelyWorld implements World {
  readonly own: ZoneId;
  readonly isDrained = false;

  constructor(own: ZoneId) {
    this.own = own;
  }

  zones(): readonly [] {
    return [];
  }

  zone(): undefined {
    return undefined;
  }

  homeOf(): ZoneId {
    return this.own;
  }

  blockZone(): ZoneId {
    return this.own;
  }

  policyIn(_zone: ZoneId, { policy }: JoinQuery['rules'] = {}): EffectivePolicy {
    return effectivePolicy({ zone: undefined, account: undefined, meeting: policy, default: undefined });
  }

  mayBeIn(): boolean {
    return true;
  }

  rank(): Ranking {
    const { own: zone } = this;
    const facts = { rttMs: undefined, distanceKm: undefined, headRoom: undefined, cost: 0, present: false };
    return { candidates: [{ zone, reason: 'last', ...facts }], excluded: [] };
  }

  async definitionOf(): Promise<undefined> {
    return undefined;
  }

  async endMeeting(): Promise<undefined> {
    return undefined;
  }

  async handOn(zone: ZoneId): Promise<never> {
    throw unreachable(zone);
  }

  async act(): Promise<void> {
    // There is no other zone.
  }

  drawId(): MeetingId {
    return randomMeetingId();
  }

  publicKeyOf(): undefined {
    return undefined;
  }

  urlsOf(): readonly string[] {
    return [];
  }

  otherZonesUrls(): readonly [] {
    return [];
  }

  cameFrom(): void {
    // Nobody can: there is no other zone.
  }

  onChange(): () => void {
    return () => undefined;
  }
}
