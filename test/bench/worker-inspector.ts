/**
 * DevTools access to the media worker's thread from the process that hosts it: full garbage collections (so that
 * memory can be compared) and CPU profiles. The product has no hooks for either.
 */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class WorkerInspector {
  readonly #session = new Session();
  readonly #pending = new Map<number, Pending>();
  #target = '';
  #nextId = 1;

  /** Attaches to the only worker thread of this process. */
  static async attach(): Promise<WorkerInspector> {
    const inspector = new WorkerInspector();
    const session = inspector.#session;
    session.connect();
    const attached = new Promise<string>((resolve) => {
      session.on('NodeWorker.attachedToWorker', (event) => resolve(event.params.sessionId));
    });
    session.on('NodeWorker.receivedMessageFromWorker', (event) => inspector.#receive(event.params.message));
    await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
    inspector.#target = await attached;
    return inspector;
  }

  /** Twice: the first run queues finalizers whose objects only the second one frees. */
  async collectGarbage(): Promise<void> {
    await this.#call('HeapProfiler.collectGarbage');
    await this.#call('HeapProfiler.collectGarbage');
    await this.#session.post('HeapProfiler.collectGarbage');
  }

  async startProfile(): Promise<void> {
    await this.#call('Profiler.enable');
    await this.#call('Profiler.setSamplingInterval', { interval: 100 });
    await this.#call('Profiler.start');
  }

  /** Writes a .cpuprofile, which Chromium's DevTools and VS Code open. */
  async stopProfile(file: string): Promise<void> {
    const result = (await this.#call('Profiler.stop')) as { profile: unknown }; // DevTools protocol, Profiler.stop
    writeFileSync(file, JSON.stringify(result.profile));
  }

  async detach(): Promise<void> {
    await this.#session.post('NodeWorker.disable');
    this.#session.disconnect();
  }

  async #call(method: string, params: object = {}): Promise<unknown> {
    const id = this.#nextId++;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
    });
    const message = JSON.stringify({ id, method, params });
    await this.#session.post('NodeWorker.sendMessageToWorker', { sessionId: this.#target, message });
    return answer;
  }

  #receive(text: string): void {
    // Answers of the DevTools protocol; events have no id.
    const message = JSON.parse(text) as { id?: number; result?: unknown; error?: { message: string } };
    const pending = message.id === undefined ? undefined : this.#pending.get(message.id);
    if (message.id === undefined || pending === undefined) {
      return;
    }
    this.#pending.delete(message.id);
    if (message.error === undefined) {
      pending.resolve(message.result);
    } else {
      pending.reject(new Error(message.error.message));
    }
  }
}
