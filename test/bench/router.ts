/** The router under test as the harness sees it: the process of router-host.ts and the load that is in its meetings. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Programs } from './build.ts';
import type { HostAnswer, HostCall, HostCalls, HostRequest, JoinRequest } from './host-messages.ts';
import { Load, type WatchedThread } from './load.ts';
import type { Place } from './place.ts';

/** The worker's thread moves to core 0; everything else stays out of its way. */
const OTHER_CORE = 1;
const ENTRY = fileURLToPath(new URL('router-host.ts', import.meta.url));

interface Pending {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

class RouterHost {
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(place: Place) {
    const [program = '', ...args] = place.routerCommand(OTHER_CORE, [process.execPath, ENTRY]);
    this.#child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.#child.on('message', (message) => this.#settle(message as HostAnswer)); // router-host.ts sends nothing else
    this.#child.on('error', (error) => this.#fail(error));
    this.#child.once('exit', (code) => this.#fail(new Error(`the router process ended with exit code ${code}`)));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  call<Call extends HostCall>(call: Call, request: HostCalls[Call]['request']): Promise<HostCalls[Call]['answer']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      // The answer's type belongs to `call`: the handlers of router-host.ts are typed by the same table.
      this.#pending.set(id, { resolve: (answer) => resolve(answer as HostCalls[Call]['answer']), reject });
      this.#child.send({ id, call, request } satisfies HostRequest);
    });
  }

  #settle({ id, answer, error }: HostAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) {
      pending?.resolve(answer);
    } else {
      pending?.reject(new Error(error));
    }
  }

  #fail(error: Error): void {
    for (const pending of this.#pending.values()) {
      pending.reject(error);
    }
    this.#pending.clear();
  }
}

export class Router {
  readonly load: Load;
  readonly thread: WatchedThread;
  readonly #host: RouterHost;
  /** Wall-clock milliseconds of each participant's join request. */
  readonly requestedMs = new Map<number, number>();

  private constructor(host: RouterHost, load: Load, thread: WatchedThread) {
    this.#host = host;
    this.load = load;
    this.thread = thread;
  }

  static async start(programs: Programs, place: Place): Promise<Router> {
    const host = new RouterHost(place);
    const { load, fingerprint } = await Load.start(programs.load, place);
    const { port, thread } = await host.call('start', {
      address: place.routerAddress,
      fingerprint: Buffer.from(fingerprint).toString('hex'),
      realtime: place.realtime,
    });
    load.target(place, port);
    return new Router(host, load, { process: host.pid, thread });
  }

  /** Asks the worker for the join and lets the load connect; see `load.connected` and `load.pictureMs` for the rest. */
  async join(request: JoinRequest): Promise<void> {
    const joined = await this.#host.call('join', request);
    this.requestedMs.set(request.participant, joined.requestedAtMs);
    const slots = request.videoSlots + request.audioSlots;
    this.load.join(request.participant, request.publishes, slots, joined.username, joined.password);
  }

  statistics(): Promise<HostCalls['statistics']['answer']> {
    return this.#host.call('statistics', null);
  }

  memory(): Promise<HostCalls['memory']['answer']> {
    return this.#host.call('memory', null);
  }

  async startProfile(): Promise<void> {
    await this.#host.call('profileStart', null);
  }

  async stopProfile(file: string): Promise<void> {
    await this.#host.call('profileStop', { file });
  }

  async stop(): Promise<void> {
    await this.load.stop();
    await this.#host.call('stop', null);
  }
}
