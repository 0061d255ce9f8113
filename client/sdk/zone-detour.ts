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
  /** Of its addresses, those that have not failed yet. */
  #attempts = 0;

  /** Takes the way; false when there have been too many. */
  follow(redirect: Redirect): boolean {
    if (++this.#redirects > MAX_REDIRECTS || redirect.urls.length === 0) return false;
    this.#redirect = redirect;
    this.#attempts = redirect.urls.length;
    return true;
  }

  /** An address could not be reached. Whether another one is left on this way: the zone's, or where we came from. */
  failed(): boolean {
    if (this.#redirect === undefined) return false;
    return this.#attempts-- > 0;
  }

  /** What to tell the server at this address; `isThere`: whether one of the zone's is the same. */
  said(isThere: (url: string) => boolean): { tried?: string[] } {
    if (this.#redirect === undefined) return {};
    const { zone, urls, tried } = this.#redirect;
    // Back where we came from: it could not be reached.
    return { tried: urls.some(isThere) ? tried : [...new Set([...tried, zone])] };
  }

  /** We are in. */
  arrived(): void {
    this.#redirects = 0;
    this.#redirect = undefined;
  }
}
