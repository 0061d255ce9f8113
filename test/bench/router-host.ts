/**
 * The process under test: one media worker thread, started and driven as a router does it (worker pool, joins by the
 * worker's message contract). A child of the benchmark, so that it can live on its own core and in its own network
 * namespace.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mintDtlsCertificate } from '../../common/dtls-certificate.ts';
import type { MeetingId, ParticipantId } from '../../common/ids.ts';
import { WorkerPool } from '../../mmr/control/worker-pool.ts';
import type { HostAnswer, HostCall, HostCalls, HostRequest, Joined, JoinRequest, Memory } from './host-messages.ts';
import { benchMedia, benchTransport, benchView } from './negotiated.ts';
import { pinThread, raisePriority } from './threads.ts';
import { WorkerInspector } from './worker-inspector.ts';

const MEDIA_CORE = 0;

type Handlers = {
  readonly [Call in HostCall]: (request: HostCalls[Call]['request']) => Promise<HostCalls[Call]['answer']>;
};

let fingerprint = new Uint8Array();
let pool: WorkerPool | undefined;
let inspector: WorkerInspector | undefined;

function running(): WorkerPool {
  if (pool === undefined) {
    throw new Error('the worker was not started');
  }
  return pool;
}

/** Thread id of the first media worker, by the name that the pool gives its threads. */
function mediaThread(): number {
  for (const thread of readdirSync('/proc/self/task')) {
    if (readFileSync(`/proc/self/task/${thread}/comm`, 'utf8').startsWith('media-0')) {
      return Number(thread);
    }
  }
  throw new Error('no thread named media-0: see WorkerThread in mmr/control');
}

async function start(request: HostCalls['start']['request']): Promise<HostCalls['start']['answer']> {
  fingerprint = Uint8Array.from(Buffer.from(request.fingerprint, 'hex'));
  const { certificatePem, privateKeyPem } = await mintDtlsCertificate();
  pool = new WorkerPool({
    count: 1,
    address: request.address,
    basePort: 0,
    certificatePem,
    privateKeyPem,
    maxParticipantsPerWorker: 2_000,
    onEvent: (event) => {
      if (event.type === 'workerDied') {
        process.stderr.write(`the worker died: ${event.reason}\n`);
        process.exit(1);
      }
      if (event.type === 'left' && event.reason !== 'left' && event.reason !== 'meetingClosed') {
        process.stderr.write(`participant ${event.participant} was dropped: ${event.reason}\n`);
      }
    },
  });
  await pool.start();
  const thread = mediaThread();
  pinThread(thread, MEDIA_CORE);
  raisePriority(thread, request.realtime, true);
  return { port: pool.ports[0] ?? 0, thread };
}

async function join(request: JoinRequest): Promise<Joined> {
  const transport = benchTransport(request, fingerprint);
  const requestedAtMs = performance.timeOrigin + performance.now();
  const participant = `participant${request.participant}` as ParticipantId; // the benchmark is its own issuer of ids
  await running().join(request.meeting as MeetingId, participant, transport, benchMedia(request));
  const view = benchView(request);
  if (view.length > 0) running().view(participant, view);
  return {
    username: `${transport.localUfrag}:${transport.remoteUfrag}`,
    password: transport.localPassword,
    requestedAtMs,
  };
}

async function memory(): Promise<Memory> {
  inspector ??= await WorkerInspector.attach();
  await inspector.collectGarbage();
  const [statistics] = await running().statistics();
  return {
    residentBytes: process.memoryUsage().rss,
    heapUsedBytes: statistics?.heapUsedBytes ?? 0,
    externalBytes: statistics?.externalBytes ?? 0,
  };
}

const handlers: Handlers = {
  start,
  join,
  memory,
  async statistics() {
    const [statistics] = await running().statistics();
    if (statistics === undefined) {
      throw new Error('the worker is down');
    }
    return statistics;
  },
  async profileStart() {
    inspector ??= await WorkerInspector.attach();
    await inspector.startProfile();
    return null;
  },
  async profileStop({ file }) {
    await inspector?.stopProfile(file);
    return null;
  },
  async stop() {
    await inspector?.detach();
    await pool?.stop();
    return null;
  },
};

async function answer({ id, call, request }: HostRequest): Promise<HostAnswer> {
  try {
    // The type of `request` belongs to `call`: RouterHost.call pairs them.
    const handler = handlers[call] as (request: unknown) => Promise<unknown>;
    return { id, answer: await handler(request) };
  } catch (error) {
    return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

process.on('message', async (message: HostRequest) => {
  const reply = await answer(message);
  process.send?.(reply, () => {
    if (message.call === 'stop') {
      process.disconnect();
    }
  });
});
// The benchmark has gone, however it went.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole foreground group; the benchmark decides when this process ends.
process.on('SIGINT', () => {});
