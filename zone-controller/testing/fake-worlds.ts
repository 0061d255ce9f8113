/** Several zones for tests: each knows of the others what the test says, and ranks them as it would in truth. */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import type { EffectivePolicy } from '../../global-controller/policies/effective-policy.ts';
import { Policies } from '../../global-controller/policies/policies.ts';
import type { PolicyRules } from '../../global-controller/policies/policy.ts';
import { whyForbidden } from '../../global-controller/ranking/allowed-zones.ts';
import { rankZones } from '../../global-controller/ranking/rank-zones.ts';
import type { Ranking } from '../../global-controller/ranking/ranking.ts';
import type { ZoneView } from '../../global-controller/zones/known-zone.ts';
import { recordOf, statusOf } from '../../global-controller/zones/zone-directory-lab.ts';
import { randomMeetingId } from '../meeting/meeting-id.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import { unreachable } from '../world/meeting-requests.ts';
import type { JoinQuery, World } from '../world/world.ts';

interface FakeZone {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  urls: string[];
  view: Pick<ZoneView, 'standing' | 'silentMs' | 'drained'>;
}

export class FakeWorlds {
  readonly #zones = new Map<ZoneId, FakeZone>();
  readonly #policies = new Policies();
  readonly #listeners = new Set<() => void>();
  /** Of all zones. */
  readonly definitions = new Map<MeetingId, MeetingDefinition>();
  readonly homes = new Map<MeetingId, ZoneId>();
  /** Zone and whose clients came to it. */
  readonly stranded: string[] = [];
  /** What a zone thinks of another, where it is not as the test says for all. */
  readonly opinions = new Map<string, Partial<ZoneView>>();

  constructor(...zones: string[]) {
    for (const zone of zones) {
      const { privateKey } = generateKeyPairSync('ed25519');
      const view = { standing: 'well', silentMs: 0, drained: false } as const;
      this.#zones.set(zone as ZoneId, { privateKey, publicKey: createPublicKey(privateKey), urls: [], view });
    }
  }

  /** What the options of a controller take. */
  membership(zone: string): { world: World; privateKey: KeyObject } {
    return { world: this.worldOf(zone), privateKey: this.#zone(zone).privateKey };
  }

  /** Where its controllers are. */
  at(zone: string, ...urls: string[]): void {
    this.#zone(zone).urls = urls;
    this.#changed();
  }

  be(zone: string, view: Partial<FakeZone['view']>): void {
    const known = this.#zone(zone);
    known.view = { ...known.view, ...view };
    this.#changed();
  }

  rule(zone: string, rules: PolicyRules): void {
    this.#policies.put({ kind: 'zone', id: zone }, { ...rules, revision: 1 });
  }

  worldOf(zone: string): World {
    const own = zone as ZoneId; // by name
    const isDrained = (): boolean => this.#zone(own).view.drained;
    return {
      own,
      get isDrained() {
        return isDrained();
      },
      zones: () => this.#views(own),
      zone: (of) => this.#views(own).find(({ zone: id }) => id === of),
      homeOf: (meeting) => this.homes.get(meeting),
      blockZone: (meeting) => this.homes.get(meeting),
      policyIn: (of, { account, policy } = {}) => this.#policies.effective(of, account, policy),
      mayBeIn: (of, meeting, rules) => this.#mayBeIn(of, meeting, rules),
      rank: (query) => this.#rank(own, query),
      definitionOf: async (meeting) => this.definitions.get(meeting),
      endMeeting: async (meeting) => {
        const definition = this.definitions.get(meeting);
        if (definition !== undefined) this.definitions.set(meeting, { ...definition, ended: true });
        return this.definitions.get(meeting);
      },
      handOn: async (of) => {
        throw unreachable(of);
      },
      act: async () => undefined,
      drawId: randomMeetingId,
      publicKeyOf: (of) => this.#zones.get(of)?.publicKey,
      urlsOf: (of) => this.#zones.get(of)?.urls ?? [],
      otherZonesUrls: () => [...this.#zones].flatMap(([id, { urls }]) => (id === own ? [] : [urls])),
      cameFrom: (of) => void this.stranded.push(`${own} ${of}`),
      onChange: (listener) => {
        this.#listeners.add(listener);
        return () => void this.#listeners.delete(listener);
      },
    };
  }

  #views(by: ZoneId): ZoneView[] {
    return [...this.#zones].map(([zone, { urls, view }]) => ({
      zone,
      record: recordOf({ urls, name: `Zone ${zone}` }),
      status: statusOf(),
      ...view,
      ...this.opinions.get(`${by} ${zone}`),
    }));
  }

  #mayBeIn(zone: ZoneId, meeting: MeetingId, { account, policy }: JoinQuery['rules']): boolean {
    const policyIn = (of: ZoneId): EffectivePolicy => this.#policies.effective(of, account, policy);
    const policyOf = (of: ZoneId): EffectivePolicy => this.#policies.effective(of);
    const home = this.homes.get(meeting) ?? zone;
    return whyForbidden(zone, { meeting: { home, policyIn }, participant: { own: undefined }, policyOf }) === undefined;
  }

  #rank(own: ZoneId, { meeting, rules, rttMs }: JoinQuery): Ranking {
    return rankZones({
      zones: this.#views(own),
      meeting: {
        home: this.homes.get(meeting) ?? own,
        present: new Set(),
        policyIn: (zone) => this.#policies.effective(zone, rules.account, rules.policy),
      },
      participant: { own: undefined, rttMs, place: undefined },
      policyOf: (zone) => this.#policies.effective(zone),
    });
  }

  #zone(zone: string): FakeZone {
    const known = this.#zones.get(zone as ZoneId);
    if (known === undefined) throw new ZonecastError('internal', `no zone ${zone}`);
    return known;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
