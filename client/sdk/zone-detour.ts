/**
 * On the way to another zone, because a server has sent us there: which addresses are that zone's, and what the next server is
 * told of where we have been, so that nobody sends us in a circle.
 */
import type { ServerMessage } from '../../proto/signalling.ts';

type Redirect = Extract<ServerMessage, { type: 'redirect' }>;

/** In a row. Servers send nobody back; this is for those that are out of their minds. */
const MAX_REDIRECTS = 3;

export class ZoneDetour {
  #redirects = 0;
  #redirect: Redirect | undefined;
  #hasFailed = false;

  /** Takes the way; false when there have been too many. */
  follow(redirect: Redirect): boolean {
    if (++this.#redirects > MAX_REDIRECTS || redirect.urls.length === 0) return false;
    this.#redirect = redirect;
    this.#hasFailed = false;
    return true;
  }

  /** A server was lost on the way, or none could be reached. Whether to try once more: the zone's, or where we came from. */
  failed(): boolean {
    const mayTry = this.#redirect !== undefined && !this.#hasFailed;
    this.#hasFailed = true;
    return mayTry;
  }

  /**
   * What to tell the server at this address; `isThere`: whether one of the zone's is the same. `unreachable`: a zone that cannot be
   * reached, besides.
   */
  said(isThere: (url: string) => boolean, unreachable?: string): { tried?: string[] } {
    const tried = new Set(this.#redirect?.tried);
    // Back where we came from: it could not be reached.
    if (this.#redirect !== undefined && !this.#redirect.urls.some(isThere)) tried.add(this.#redirect.zone);
    if (unreachable !== undefined) tried.add(unreachable);
    return tried.size > 0 ? { tried: [...tried] } : {};
  }

  /** We are in. */
  arrived(): void {
    this.#redirects = 0;
    this.#redirect = undefined;
  }
}
