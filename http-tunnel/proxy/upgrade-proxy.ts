/** WebSockets to controllers: signalling. The tunnel carries their bytes and does not look into them. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { addressKey } from '../../common/client-address.ts';
import { watchConnecting } from './attempt.ts';
import { bridge } from './bridge.ts';
import type { Controller, Controllers } from './controllers.ts';
import { Farewell } from './farewell.ts';
import { endToEnd, requestHeaders } from './forwarded-headers.ts';
import type { ProxyCounters } from './proxy-counters.ts';
import type { ProxyTimes } from './proxy-times.ts';
import { refuseUpgrade, statusOfRefusal } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import { clientOf } from './request-proxy.ts';

type UpgradeEnd =
  | { readonly type: 'upgraded'; readonly answer: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }
  | { readonly type: 'refused'; readonly status: number }
  | { readonly type: 'failed' };

/** Between two clients that are cut off in a drain, so that those who take them are not hit by all at once. */
const DRAIN_GAP_MS = 50;
/** Of controllers that stop, too: the client goes on at another one at once, where 1001 or a cut would make him try this one first. */
const CLOSE_ELSEWHERE = 4001;
/** For the controller to end a frame, and the client to close. */
const FAREWELL_MS = 1_000;

export class UpgradeProxy {
  readonly #controllers: Controllers;
  readonly #times: ProxyTimes;
  readonly #counters: ProxyCounters;
  readonly #open = new Map<Duplex, Farewell>();
  #isDraining = false;

  constructor(controllers: Controllers, times: ProxyTimes, counters: ProxyCounters) {
    this.#controllers = controllers;
    this.#times = times;
    this.#counters = counters;
  }

  /** Answers it in any case; never rejects. `sent`: what the client has sent behind its request already. */
  async handle(request: IncomingMessage, client: Duplex, sent: Buffer, head: RequestHead): Promise<void> {
    if (this.#isDraining) {
      this.#counters.refused.draining++;
      return refuseUpgrade(client, statusOfRefusal('draining'));
    }
    let status = statusOfRefusal('noController');
    const controllers = this.#controllers.forUpgrade(addressKey(clientOf(request)));
    for (const [index, controller] of controllers.entries()) {
      if (index > 0) this.#counters.failovers++;
      const end = await this.#ask(controller, request, head, client);
      if (client.destroyed) return void (end.type === 'upgraded' && end.socket.destroy());
      if (end.type === 'upgraded') return this.#join(controller, client, sent, end);
      if (end.type === 'failed') controller.isWell = false;
      else status = end.status;
      // One that is about to stop, or is full, says 503: another may not be.
      if (end.type === 'refused' && end.status !== 503) break;
    }
    if (status === 503) this.#counters.refused.noController++;
    else this.#counters.upgradesRefused++;
    refuseUpgrade(client, status);
  }

  /**
   * Takes no more, and closes those that are open one after another, within `forMs`: their clients go on elsewhere. Resolves when all
   * have been closed, or `takeAgain` was called.
   */
  async drain(forMs: number): Promise<void> {
    this.#isDraining = true;
    const open = [...this.#open];
    const gapMs = Math.min(DRAIN_GAP_MS, forMs / open.length);
    for (const [client, farewell] of open) {
      if (!this.#isDraining) return;
      farewell.say(CLOSE_ELSEWHERE);
      setTimeout(() => client.destroy(), FAREWELL_MS);
      await pause(gapMs);
    }
  }

  /** A drain is taken back: those that are left stay, and others may come. */
  takeAgain(): void {
    this.#isDraining = false;
  }

  async #ask(controller: Controller, request: IncomingMessage, head: RequestHead, client: Duplex): Promise<UpgradeEnd> {
    const headers = {
      ...requestHeaders(request.headers, head.host, clientOf(request)),
      connection: 'Upgrade',
      upgrade: 'websocket',
    };
    const { promise, resolve } = Promise.withResolvers<UpgradeEnd>();
    const asked = controller.request({ method: 'GET', path: head.path, headers }, true);
    watchConnecting(asked, this.#times.connectMs, controller.isSecure);
    const late = setTimeout(() => asked.destroy(new Error('no answer in time')), this.#times.answerMs);
    const leave = (): void => void asked.destroy();
    client.once('close', leave);
    asked.on('upgrade', (answer, socket, bytes) => {
      socket.on('error', () => undefined);
      resolve({ type: 'upgraded', answer, socket, head: bytes });
    });
    asked.on('response', (answer) => {
      answer.resume();
      resolve({ type: 'refused', status: answer.statusCode ?? 502 });
    });
    asked.on('error', () => resolve({ type: 'failed' }));
    asked.end();
    return promise.finally(() => {
      clearTimeout(late);
      client.off('close', leave);
    });
  }

  #join(
    controller: Controller,
    client: Duplex,
    sent: Buffer,
    { answer, socket, head: first }: UpgradeEnd & { readonly type: 'upgraded' },
  ): void {
    const headers = Object.entries({ ...endToEnd(answer.headers), connection: 'Upgrade', upgrade: 'websocket' });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    client.write(`HTTP/1.1 101 Switching Protocols\r\n${lines}\r\n`);
    if (sent.length > 0) client.unshift(sent);
    if (first.length > 0) socket.unshift(first);
    this.#counters.upgrades++;
    this.#counters.upgradesOpen++;
    controller.active++;
    const farewell = new Farewell();
    this.#open.set(client, farewell);
    bridge(client, socket, farewell, () => {
      this.#counters.upgradesOpen--;
      controller.active--;
      this.#open.delete(client);
    });
  }
}
