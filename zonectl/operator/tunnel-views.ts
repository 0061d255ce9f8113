/** HTTP tunnels, as people read them. Pure; times are told from `nowMs`, the wall clock. */
import type { Tunnel__Output } from '../../proto/gen/zonecast/admin/v1/Tunnel.ts';
import { textFields, textTable } from './text-table.ts';
import { count, duration, percent } from './units.ts';

const NONE = '-';

/** How a drain of a tunnel goes; the words are those of routers' (`DrainProgress.State`). */
export interface TunnelDrainProgress {
  readonly state: 'DRAINING' | 'EMPTY' | 'DEADLINE' | 'UNDRAINED' | 'LOST';
  /** Connections and TURN allocations; undefined: not told yet. */
  readonly left: number | undefined;
  /** Wall clock. */
  readonly startedMs: number;
  readonly deadlineMs: number;
}

export function viewTunnels(tunnels: readonly Tunnel__Output[]): string {
  return textTable<Tunnel__Output>(
    [
      { title: 'TUNNEL', of: ({ tunnel }) => tunnel },
      { title: 'STATE', of: viewState },
      { title: 'LOAD', align: 'right', of: ({ load, controller }) => (controller === '' ? NONE : percent(load)) },
      { title: 'LEFT', align: 'right', of: ({ left }) => `${left ?? NONE}` },
      { title: 'RELEASE', of: ({ release }) => release || NONE },
      { title: 'CONTROLLER', of: ({ controller }) => controller || NONE },
      { title: 'URLS', of: ({ urls }) => urls.join(' ') || NONE },
    ],
    tunnels,
  );
}

function viewState({ state, drain, left }: Tunnel__Output): string {
  return state === 'draining' && drain && left === 0 ? 'drained' : state;
}

/** One tunnel. */
export function viewTunnel(tunnel: Tunnel__Output, nowMs: number): string {
  const { turnUrls, drain } = tunnel;
  const fields: [string, string][] = [['TURN', turnUrls.join('\n') || 'none']];
  if (drain) fields.push(['Drain', `by ${drain.by}, begun ${duration(nowMs - drain.startedMs)} ago`]);
  return `${viewTunnels([tunnel])}\n${textFields(fields)}`;
}

/** One line. */
export function viewTunnelDrain(tunnel: string, progress: TunnelDrainProgress, nowMs: number): string {
  const { state, left, startedMs, deadlineMs } = progress;
  const there =
    left === undefined ? 'it has not said yet how many connections are left' : `${count(left, 'connection')} left`;
  switch (state) {
    case 'DRAINING':
      return `${tunnel}: ${there}, ${duration(deadlineMs - nowMs)} to the deadline`;
    case 'EMPTY':
      return `${tunnel} is empty after ${duration(nowMs - startedMs)}. "zonectl undrain --tunnel ${tunnel}" opens it again.`;
    case 'DEADLINE':
      return `${tunnel}: the deadline has passed; ${there}.`;
    case 'UNDRAINED':
      return `${tunnel}: somebody has ended the drain; ${there}.`;
    case 'LOST':
      return `${tunnel} is gone.`;
  }
}
