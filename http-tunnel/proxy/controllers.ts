/** The controllers that requests go to: how each is, and which is best for whom. */
import { hash } from 'node:crypto';
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Logger } from '../../common/log.ts';
import type { ControllerList } from './controller-list.ts';

export interface ControllersOptions {
  readonly list: ControllerList;
  /** Authority of the controllers' certificates (PEM); undefined: those that Node knows. */
  readonly caPem?: string | undefined;
  readonly times: ControllerTimes;
  readonly log: Logger;
}

/** Milliseconds. */
export interface ControllerTimes {
  /** Between two looks at a controller. */
  readonly checkMs: number;
  /** For a controller to say how it is. */
  readonly checkDeadlineMs: number;
}

/** Open connections of ours to one controller for requests; more wait for each other. WebSockets have their own. */
const MAX_SOCKETS = 256;
const MAX_IDLE_SOCKETS = 16;

export class Controller {
  readonly url: URL;
  /** It has said so when it was last asked, and no connection has failed since. */
  isWell = true;
  /** Requests and WebSockets that are under way. */
  active = 0;
  readonly #caPem: string | undefined;
  readonly #agent: HttpAgent;
  readonly #ca: { readonly ca?: string };

  constructor(url: string, caPem: string | undefined) {
    this.url = new URL(url);
    this.#caPem = caPem;
    this.#ca = caPem === undefined ? {} : { ca: caPem };
    const options = { keepAlive: true, maxSockets: MAX_SOCKETS, maxFreeSockets: MAX_IDLE_SOCKETS };
    this.#agent = this.isSecure ? new HttpsAgent({ ...options, ...this.#ca }) : new HttpAgent(options);
  }

  get isSecure(): boolean {
    return this.url.protocol === 'https:';
  }

  /** Authority of its certificate (PEM). */
  get caPem(): string | undefined {
    return this.#caPem;
  }

  /** Begins a request; with `isAlone` on a connection that no other request has used. */
  request(options: RequestOptions, isAlone: boolean): ClientRequest {
    const { hostname, port } = this.url;
    const to = { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? undefined : port };
    const all = { ...options, ...to, agent: isAlone ? false : this.#agent };
    return this.isSecure ? httpsRequest({ ...all, ...this.#ca }) : httpRequest(all);
  }

  close(): void {
    this.#agent.destroy();
  }
}

export class Controllers {
  readonly #options: ControllersOptions;
  readonly #byUrl = new Map<string, Controller>();
  #timer: NodeJS.Timeout | undefined;
  #forget: (() => void) | undefined;

  constructor(options: ControllersOptions) {
    this.#options = options;
    this.#update();
  }

  start(): void {
    this.#forget = this.#options.list.onChange(() => this.#update());
    this.#timer = setInterval(() => this.#checkAll(), this.#options.times.checkMs);
    this.#checkAll();
  }

  stop(): void {
    this.#forget?.();
    clearInterval(this.#timer);
    for (const controller of this.#byUrl.values()) controller.close();
  }

  /** How many there are, and of them those that are well. */
  get count(): { readonly all: number; readonly well: number } {
    const all = [...this.#byUrl.values()];
    return { all: all.length, well: all.filter(({ isWell }) => isWell).length };
  }

  /**
   * All of them, the best first: those that are well before those that are not. A client's requests go to the same one
   * (rendezvous hashing), as its page's files must be of one release, and limits per address count there.
   */
  forRequest(client: string): Controller[] {
    return this.#ranked(({ url }) => hash('sha1', `${client} ${url.origin}`));
  }

  /** All of them, those with the least to do first. */
  forUpgrade(client: string): Controller[] {
    return this.#ranked(
      ({ url, active }) => `${String(active).padStart(12, '0')} ${hash('sha1', `${client} ${url.origin}`)}`,
    );
  }

  /** `rank`: the smaller comes first. */
  #ranked(rank: (controller: Controller) => string): Controller[] {
    return [...this.#byUrl.values()]
      .map((controller) => ({ controller, rank: `${controller.isWell ? 0 : 1} ${rank(controller)}` }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1))
      .map(({ controller }) => controller);
  }

  #update(): void {
    const { list, caPem } = this.#options;
    const urls = new Set(list.urls.map((url) => new URL(url).origin));
    for (const [url, controller] of this.#byUrl) {
      if (urls.has(url)) continue;
      this.#byUrl.delete(url);
      controller.close();
    }
    for (const url of urls) if (!this.#byUrl.has(url)) this.#byUrl.set(url, new Controller(url, caPem));
  }

  #checkAll(): void {
    for (const controller of this.#byUrl.values()) this.#check(controller);
  }

  #check(controller: Controller): void {
    const { times, log } = this.#options;
    const say = (isWell: boolean, reason: string): void => {
      if (isWell !== controller.isWell)
        log.info(
          { controller: controller.url.origin, reason },
          isWell ? 'a controller is well' : 'a controller is not well',
        );
      controller.isWell = isWell;
    };
    // A connection of its own each time: what is asked is also whether there can be one.
    const request = controller.request({ path: '/readyz', signal: AbortSignal.timeout(times.checkDeadlineMs) }, true);
    request.on('response', (response) => {
      response.resume();
      say(response.statusCode === 200, `status ${response.statusCode}`);
    });
    request.on('error', (error) => say(false, error.message));
    request.end();
  }
}
