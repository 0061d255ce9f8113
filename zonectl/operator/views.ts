/** What the zone answers, as people read it. Pure; times are told from `nowMs`, the wall clock. */
import type { DrainProgress__Output } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import type { Explanation__Output } from '../../proto/gen/zonecast/admin/v1/Explanation.ts';
import type { Meeting__Output } from '../../proto/gen/zonecast/admin/v1/Meeting.ts';
import type { Participant__Output } from '../../proto/gen/zonecast/admin/v1/Participant.ts';
import type { Place__Output } from '../../proto/gen/zonecast/admin/v1/Place.ts';
import type { Router__Output } from '../../proto/gen/zonecast/admin/v1/Router.ts';
import type { StatusReply__Output } from '../../proto/gen/zonecast/admin/v1/StatusReply.ts';
import type { Worker__Output } from '../../proto/gen/zonecast/admin/v1/Worker.ts';
import { printable, textFields, textTable } from './text-table.ts';
import { count, duration, milliseconds, percent, perSecond } from './units.ts';

const NONE = '-';

export function viewStatus(status: StatusReply__Output, nowMs: number): string {
  const { zone, release, controller, controllers, leader, registry, totals, problems, warnings } = status;
  const states = (of: Readonly<Record<string, number>> = {}): string =>
    Object.entries(of)
      .map(([state, number]) => `${number} ${state}`)
      .join(', ') || 'none';
  const registryState = [
    registry?.available ? 'available' : 'away',
    ...(registry?.read ? [] : ['not read yet']),
    ...(registry?.malformed
      ? [count(registry.malformed, 'record that cannot be read', 'records that cannot be read')]
      : []),
  ];
  return textFields([
    ['Zone', `${zone}, answered by ${controller} (Zonecast ${release})`],
    ['Controllers', controllers.map((each) => viewController(each, leader, nowMs)).join('\n') || NONE],
    ['Registry', registryState.join(', ')],
    ['Routers', states(totals?.routers)],
    ['Tunnels', states(totals?.tunnels)],
    ['Workers', `${totals?.workers ?? 0}`],
    ['Meetings', `${totals?.liveMeetings ?? 0} on routers, ${totals?.meetings ?? 0} known`],
    ['People', `${totals?.participants ?? 0}`],
    ['Packets', perSecond(totals?.packetsPerSecond ?? 0)],
    ['Problems', [...problems, ...warnings].join('\n') || 'none'],
  ]);
}

function viewController(
  { name, address, release, startedMs }: StatusReply__Output['controllers'][number],
  leader: string,
  nowMs: number,
): string {
  const role = name === leader ? ' (leader)' : '';
  return `${name}${role}, ${address}, Zonecast ${release}, up ${duration(nowMs - startedMs)}`;
}

export function viewRouters(routers: readonly Router__Output[], nowMs: number): string {
  return textTable<Router__Output>(
    [
      { title: 'ROUTER', of: ({ router }) => router },
      { title: 'STATE', of: (router) => viewState(router, nowMs) },
      { title: 'WORKERS', align: 'right', of: ({ workers }) => `${workers.length}` },
      { title: 'PEOPLE', align: 'right', of: ({ participants }) => `${participants}` },
      { title: 'PACKETS', align: 'right', of: ({ workers }) => perSecond(sum(workers.map(packetsOf))) },
      { title: 'LOAD', align: 'right', of: ({ workers }) => percent(most(workers.map(({ load }) => load))) },
      { title: 'CPU', align: 'right', of: ({ workers }) => percent(most(workers.map((each) => each.cpuUtilization))) },
      {
        title: 'DELAY',
        align: 'right',
        of: ({ workers }) => milliseconds(most(workers.map((each) => each.eventLoopDelayP99Ms))),
      },
      { title: 'CONTROLLER', of: ({ controller }) => controller || NONE },
      {
        title: 'LABELS',
        of: ({ labels }) =>
          Object.entries(labels)
            .map((pair) => pair.join('='))
            .join(' ') || NONE,
      },
      { title: 'TAINTS', of: ({ taints }) => taints.join(' ') || NONE },
    ],
    routers,
  );
}

function viewState({ state, drain, participants }: Router__Output, nowMs: number): string {
  if (!drain || state === 'lost') return state;
  const leftMs = drain.deadlineMs - nowMs;
  return participants === 0 ? 'drained' : leftMs > 0 ? `draining, ${duration(leftMs)} left` : 'draining, overdue';
}

/** One router with its workers. */
export function viewRouter(router: Router__Output, nowMs: number): string {
  const { address, release, drain, workerRestarts, maxParticipants, maxPacketsPerSecond } = router;
  const fields: [string, string][] = [
    ['Address', `${address}, Zonecast ${release}`],
    ['Limits', `${maxParticipants} people and ${perSecond(maxPacketsPerSecond)} a worker`],
    ['Restarts', `${workerRestarts} of workers`],
  ];
  if (drain) fields.push(['Drain', `by ${drain.by}, begun ${duration(nowMs - drain.startedMs)} ago`]);
  const workers = textTable<Worker__Output>(
    [
      { title: 'WORKER', align: 'right', of: ({ index }) => `${index}` },
      { title: 'MEETINGS', align: 'right', of: ({ meetings }) => `${meetings}` },
      { title: 'PEOPLE', align: 'right', of: ({ participants }) => `${participants}` },
      { title: 'IN', align: 'right', of: ({ ingressPacketsPerSecond }) => perSecond(ingressPacketsPerSecond) },
      { title: 'OUT', align: 'right', of: ({ egressPacketsPerSecond }) => perSecond(egressPacketsPerSecond) },
      { title: 'LOAD', align: 'right', of: ({ load }) => percent(load) },
      { title: 'CPU', align: 'right', of: ({ cpuUtilization }) => percent(cpuUtilization) },
      { title: 'DELAY', align: 'right', of: ({ eventLoopDelayP99Ms }) => milliseconds(eventLoopDelayP99Ms) },
    ],
    router.workers,
  );
  return `${viewRouters([router], nowMs)}\n${textFields(fields)}\n${workers}`;
}

export function viewMeetings(meetings: readonly Meeting__Output[]): string {
  return textTable<Meeting__Output>(
    [
      { title: 'MEETING', of: ({ meeting }) => meeting },
      { title: 'PEOPLE', align: 'right', of: ({ participants }) => `${participants}` },
      { title: 'EPOCH', align: 'right', of: ({ epoch }) => `${epoch}` },
      { title: 'PLACES', of: ({ places }) => places.map(viewPlace).join(', ') },
    ],
    meetings,
  );
}

function viewPlace({ router, worker, participants }: Place__Output): string {
  const name = worker === undefined ? router : `${router}/${worker}`;
  return `${name} (${participants ?? '?'})`;
}

export function viewParticipants(participants: readonly Participant__Output[]): string {
  return textTable<Participant__Output>(
    [
      { title: 'PARTICIPANT', of: ({ participant }) => participant },
      { title: 'NAME', of: ({ name }) => name || NONE },
      { title: 'ROUTER', of: ({ router, worker }) => (worker === undefined ? router : `${router}/${worker}`) },
      { title: 'SOURCES', of: ({ sources }) => sources.join(' ') || NONE },
      { title: 'CONNECTED', of: ({ connected }) => (connected ? 'yes' : 'no') },
      { title: 'UP', align: 'right', of: ({ uplink }) => `${uplink ?? NONE}` },
      { title: 'DOWN', align: 'right', of: ({ downlink }) => `${downlink ?? NONE}` },
    ],
    participants,
  );
}

export function viewExplanation(explanation: Explanation__Output): string {
  const { question, places, people, packetsPerSecond, chosen, media, refusal, retryAfterMs } = explanation;
  const { candidates, others, routers } = explanation;
  const answer = chosen
    ? `${chosen.router}/${chosen.worker ?? 0}${media === 'audioOnly' ? ', without video' : ''}`
    : `nowhere (${refusal}); clients come back after ${duration(retryAfterMs)}`;
  const list = (of: Readonly<Record<string, number>>): string =>
    Object.entries(of)
      .map(([name, number]) => `${number} ${name}`)
      .join(', ') || 'none';
  const fields: [string, string][] = [
    ['Question', question],
    ...(places.length === 0 ? [] : [['Is on', places.map(viewPlace).join(', ')] satisfies [string, string]]),
    ['Needs', `room for ${count(people, 'person', 'people')} and ${perSecond(packetsPerSecond)} on a worker`],
    ['Answer', answer],
    ['Routers', list(routers)],
    ['Others', list(others)],
  ];
  const table = textTable(
    [
      { title: 'CANDIDATE', of: ({ router, worker }) => (worker === undefined ? router : `${router}/${worker}`) },
      { title: 'LOAD', align: 'right', of: ({ load }) => (load === undefined ? NONE : percent(load)) },
      { title: 'WHY', of: ({ words }) => words },
    ],
    candidates,
  );
  return candidates.length === 0 ? textFields(fields) : `${textFields(fields)}\n${table}`;
}

/** One line, and one for each meeting that cannot go. */
export function viewProgress(router: string, progress: DrainProgress__Output, nowMs: number): string {
  const { state, participants, meetings, deadlineMs, elapsedMs, stuck } = progress;
  const left = `${count(participants, 'person', 'people')} in ${count(meetings, 'meeting')}`;
  switch (state) {
    case 'DRAINING':
      return [`${router}: ${left} left, ${duration(deadlineMs - nowMs)} to the deadline`, ...viewStuck(stuck)].join(
        '\n',
      );
    case 'EMPTY':
      return `${router} is empty after ${duration(elapsedMs)}. "zonectl undrain ${router}" opens it again.`;
    case 'DEADLINE':
      return [`${router}: the deadline has passed, and ${left} are left.`, ...viewStuck(stuck)].join('\n');
    case 'UNDRAINED':
      return `${router}: somebody has ended the drain, with ${left} left.`;
    case 'LOST':
      return `${router} is gone.`;
  }
}

/** Why a meeting cannot go is an explanation of several lines; the last one has the reasons. */
function viewStuck(stuck: DrainProgress__Output['stuck']): string[] {
  return stuck.map(({ meeting, participants, why }) => {
    const reason = why.split('\n').at(-1) ?? '';
    return printable(`  ${meeting} (${participants}) cannot go: ${reason}`);
  });
}

function packetsOf({ ingressPacketsPerSecond, egressPacketsPerSecond }: Worker__Output): number {
  return ingressPacketsPerSecond + egressPacketsPerSecond;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function most(values: readonly number[]): number {
  return Math.max(0, ...values);
}
