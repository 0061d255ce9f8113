/** `zonectl tunnels`, and `drain` and `undrain` of an HTTP tunnel. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Tunnel__Output } from '../../proto/gen/zonecast/admin/v1/Tunnel.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { OperatorQuestion } from './operator-arguments.ts';
import { answer, collect, list, type Output } from './run-command.ts';
import { type TunnelDrainProgress, viewTunnel, viewTunnelDrain, viewTunnels } from './tunnel-views.ts';
import type { ZoneClient } from './zone-client.ts';

const LOOK_MS = 1_000;
/** Between two lines in which nothing changes. */
const QUIET_MS = 10_000;

type Of<Name extends OperatorQuestion['name']> = Extract<OperatorQuestion, { name: Name }>;
type DrainQuestion = Extract<Of<'drain'>, { tunnel: string }>;

/** @throws ZonectlError */
export async function tunnels(zone: ZoneClient, { tunnel, limit }: Of<'tunnels'>, output: Output): Promise<ExitCode> {
  const { items, isCut } = await collect(limit, async (page) => {
    const reply = await zone.tunnels({ ...page, tunnel });
    return { items: reply.tunnels, next: reply.nextPageToken };
  });
  const [only] = items;
  const view = (): string => (tunnel === '' || only === undefined ? viewTunnels(items) : viewTunnel(only, Date.now()));
  return list(output, { tunnels: items, isCut }, items.length, view);
}

/** `signal`: the operator has seen enough; the drain goes on. @throws ZonectlError */
export async function drainTunnel(
  zone: ZoneClient,
  { tunnel, deadlineMs: durationMs, wait }: DrainQuestion,
  output: Output,
  signal: AbortSignal | undefined,
): Promise<ExitCode> {
  const deadlineMs = Date.now() + durationMs;
  const { drain } = await zone.drainTunnel(tunnel);
  const startedMs = drain?.startedMs ?? Date.now();
  const tell = (progress: TunnelDrainProgress): ExitCode =>
    answer(output, { tunnel, ...progress }, () => `${viewTunnelDrain(tunnel, progress, Date.now())}\n`);
  if (!wait) return tell({ state: 'DRAINING', left: undefined, startedMs, deadlineMs });
  let last: TunnelDrainProgress | undefined;
  let toldMs = Number.NEGATIVE_INFINITY;
  let isSeen = false;
  for (;;) {
    const { tunnels: found } = await zone.tunnels({ tunnel });
    // A controller may hear of the wish a moment later.
    isSeen ||= Boolean(found[0]?.drain);
    const state = stateOf(found[0], isSeen, deadlineMs);
    const progress = { state, left: found[0]?.left, startedMs, deadlineMs };
    const isNews = last?.left !== progress.left || last?.state !== state;
    if (isNews || performance.now() - toldMs >= QUIET_MS) {
      tell(progress);
      toldMs = performance.now();
    }
    last = progress;
    if (state !== 'DRAINING') return state === 'EMPTY' ? EXIT.ok : EXIT.notEmpty;
    await pause(LOOK_MS, undefined, signal && { signal }).catch(() => undefined);
    if (signal?.aborted) {
      output.note(`${tunnel} goes on being drained. "zonectl undrain --tunnel ${tunnel}" ends that.\n`);
      return EXIT.interrupted;
    }
  }
}

/** @throws ZonectlError */
export async function undrainTunnel(zone: ZoneClient, tunnel: string, output: Output): Promise<ExitCode> {
  const { wasDraining } = await zone.undrainTunnel(tunnel);
  const text = wasDraining ? `${tunnel} takes people again.` : `${tunnel} was not being drained.`;
  return answer(output, { tunnel, wasDraining }, () => `${text}\n`);
}

function stateOf(
  tunnel: Tunnel__Output | undefined,
  isSeen: boolean,
  deadlineMs: number,
): TunnelDrainProgress['state'] {
  if (isSeen && !tunnel?.drain) return 'UNDRAINED';
  if (tunnel?.state === 'lost') return 'LOST';
  if (isSeen && tunnel?.left === 0) return 'EMPTY';
  return Date.now() >= deadlineMs ? 'DEADLINE' : 'DRAINING';
}
