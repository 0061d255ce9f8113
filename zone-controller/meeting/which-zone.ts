/**
 * Which zone is to have somebody: this one, or is he sent on? Decided from what this controller knows at the moment, and others
 * may know something else; so a client carries along who has sent it on (`tried`), and nobody sends it back there. It is sent on
 * once by each zone at most, and the last one takes it if it may.
 */
import { ZonecastError } from '../../common/errors.ts';
import type { MeetingId, ZoneId } from '../../common/ids.ts';
import {
  CANDIDATE_WORDS,
  type Candidate,
  EXCLUDED_WORDS,
  type Ranking,
} from '../../global-controller/ranking/ranking.ts';
import type { ServerMessage } from '../../proto/signalling.ts';
import type { MeetingDefinition } from '../registry/records.ts';
import type { JoinQuery, World } from '../world/world.ts';
import type { Stay } from './session-tokens.ts';

/** Where a client is to go; its message has the number of the request besides. */
export type Onward = Omit<Extract<ServerMessage, { type: 'redirect' }>, 'id'>;

/** Says of somebody's wish where it is to be made. */
export interface Wish {
  readonly meeting: MeetingId;
  readonly definition: Pick<MeetingDefinition, 'account' | 'policy'>;
  /** Of the client. */
  readonly address: string;
  /** As the client's message says. */
  readonly roundTrips?: Readonly<Record<string, number>> | undefined;
  readonly tried?: readonly string[] | undefined;
}

type ZonedStay = Stay & { readonly zone: ZoneId };

/** What is to be done with a stay of another zone. */
export type ForeignStay =
  /** He goes on here, because his zone is no place to go on in. */
  { readonly type: 'takeIn'; readonly reason: 'zoneLost' | 'zoneDrained' | 'policy' } | Onward;

const RETRY_MS = 500;
/** Of a zone without controllers that has its routers: they are back soon, and media goes on meanwhile. */
const PATIENCE_MS = 10_000;

export interface WhichZoneOptions {
  readonly world: World;
  /** undefined: there is no such meeting. @throws ZonecastError when its zone cannot tell now */
  readonly definitionOf: (meeting: MeetingId) => Promise<MeetingDefinition | undefined>;
}

export class WhichZone {
  readonly #world: World;
  readonly #definitionOf: WhichZoneOptions['definitionOf'];

  constructor({ world, definitionOf }: WhichZoneOptions) {
    this.#world = world;
    this.#definitionOf = definitionOf;
  }

  /** undefined: here. @throws ZonecastError `noRouter` when he may come neither here nor anywhere else that he can reach */
  ofJoin(wish: Wish): Onward | undefined {
    const { own } = this.#world;
    const ranking = this.#world.rank(queryOf(wish));
    const first = this.#reachable(ranking, wish.tried)[0];
    if (first?.zone === own) return undefined;
    const here = ranking.excluded.find(({ zone }) => zone === own)?.reason;
    if (first !== undefined) {
      const reason = here === undefined ? CANDIDATE_WORDS[first.reason] : `${own} ${EXCLUDED_WORDS[here]}`;
      return this.#onward(first.zone, reason, wish.tried);
    }
    // Whether there is no room at all, placement knows better.
    if (here === undefined || here === 'full' || here === 'overflow') return undefined;
    const message = 'No server takes people into this meeting at the moment. Try again in a little while.';
    throw new ZonecastError('noRouter', message, { retryAfterMs: 10 * RETRY_MS });
  }

  /**
   * A client has come with its session token; undefined: it is one of ours. @throws ZonecastError `tryAgain` while it is not clear
   * whether the client's zone is gone, `sessionExpired` when nothing is known of the meeting without that, and as `ofJoin`
   */
  async ofResume(stay: ZonedStay, address: string, tried?: readonly string[]): Promise<ForeignStay | undefined> {
    if (stay.zone === this.#world.own) return undefined;
    const { meeting } = stay;
    let foreign = this.#whereForeign(stay.zone, tried);
    if (foreign.type === 'redirect') {
      if (await this.#mayGoOn(stay)) return foreign;
      foreign = { type: 'takeIn', reason: 'policy' };
    }
    const definition = await this.#definitionOf(meeting);
    if (definition === undefined) throw new ZonecastError('sessionExpired', 'Your meeting is not there any more.');
    const wish = { meeting, definition, address, tried: [...(tried ?? []), stay.zone] };
    const mayStay = this.#world.rank(queryOf(wish)).candidates.some(({ zone }) => zone === this.#world.own);
    return (mayStay ? undefined : this.ofJoin(wish)) ?? foreign;
  }

  /** In the zone that he comes from, which is well. As long as nothing else is known. */
  async #mayGoOn({ zone, meeting }: ZonedStay): Promise<boolean> {
    try {
      const definition = await this.#definitionOf(meeting);
      return definition === undefined || this.#world.mayBeIn(zone, meeting, rulesOf(definition));
    } catch (error) {
      if (!(error instanceof ZonecastError)) throw error;
      return true;
    }
  }

  #whereForeign(zone: ZoneId, tried: readonly string[] | undefined): ForeignStay {
    const view = this.#world.zone(zone);
    if (view?.drained === true) return { type: 'takeIn', reason: 'zoneDrained' };
    // He has been sent there already, or says that he cannot reach it.
    const isOut = view === undefined || view.standing === 'lost' || tried?.includes(zone) === true;
    if (isOut || view.silentMs > PATIENCE_MS) {
      this.#world.cameFrom(zone);
      return { type: 'takeIn', reason: 'zoneLost' };
    }
    if (view.standing === 'silent') {
      // That its clients come here makes it a lost zone, if nothing speaks against it.
      this.#world.cameFrom(zone);
      throw new ZonecastError('tryAgain', 'Your server is away for a moment.', { retryAfterMs: RETRY_MS });
    }
    return this.#onward(zone, 'your meeting goes on there', tried);
  }

  /** Where people of this zone, who are not to stay, are to go; undefined: nowhere. */
  ofTransfer(wish: Wish): { readonly zone: ZoneId; readonly urls: string[] } | undefined {
    const { own } = this.#world;
    const first = this.#reachable(this.#world.rank(queryOf(wish)), [own]).find(({ zone }) => zone !== own);
    return first && { zone: first.zone, urls: [...this.#world.urlsOf(first.zone)] };
  }

  #reachable({ candidates }: Ranking, tried: readonly string[] = []): Candidate[] {
    const { own } = this.#world;
    return candidates.filter(
      ({ zone }) => zone === own || (!tried.includes(zone) && this.#world.urlsOf(zone).length > 0),
    );
  }

  #onward(zone: ZoneId, reason: string, tried: readonly string[] = []): Onward {
    const { own } = this.#world;
    const urls = [...this.#world.urlsOf(zone)];
    return { type: 'redirect', zone, urls, reason, tried: [...new Set([...tried, own])] };
  }
}

/** What a definition says of where its meeting may be. */
export function rulesOf({ account, policy }: Wish['definition']): JoinQuery['rules'] {
  return { account, ...(policy && { policy }) };
}

function queryOf({ meeting, definition, address, roundTrips = {} }: Wish): JoinQuery {
  // The casts: what is no zone is no candidate either.
  const rttMs = new Map(Object.entries(roundTrips) as [ZoneId, number][]);
  return { meeting, rules: rulesOf(definition), rttMs, address };
}
