/** Runs one operators' command against a zone: asks, and writes what people or scripts read. */
import type { DrainProgress__Output } from '../../proto/gen/zonecast/admin/v1/DrainProgress.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import type { OperatorQuestion } from './operator-arguments.ts';
import { runMeetingCommand } from './run-meeting-command.ts';
import { drainTunnel, tunnels, undrainTunnel } from './run-tunnel-command.ts';
import {
  viewExplanation,
  viewMeetings,
  viewParticipants,
  viewProgress,
  viewRouter,
  viewRouters,
  viewStatus,
} from './views.ts';
import type { ZoneClient } from './zone-client.ts';

/** A controller gives no more at once. */
const MAX_PAGE = 1_000;
/** Between two lines of a drain in which nothing changes. */
const QUIET_MS = 10_000;

export interface Output {
  readonly json: boolean;
  /** stdout */
  write(text: string): void;
  /** stderr: what is not part of the answer. */
  note(text: string): void;
}

type Of<Name extends OperatorQuestion['name']> = Extract<OperatorQuestion, { name: Name }>;

/** `signal`: the operator has seen enough of a drain. @throws ZonectlError */
export async function runCommand(
  zone: ZoneClient,
  question: OperatorQuestion,
  output: Output,
  signal?: AbortSignal,
): Promise<ExitCode> {
  switch (question.name) {
    case 'status': {
      const status = await zone.status();
      return answer(output, status, () => viewStatus(status, Date.now()));
    }
    case 'routers':
      return routers(zone, question, output);
    case 'tunnels':
      return tunnels(zone, question, output);
    case 'meetings':
      return meetings(zone, question, output);
    case 'meeting':
      return runMeetingCommand(zone, question, output);
    case 'participants':
      return participants(zone, question, output);
    case 'explain': {
      const request = 'newMeeting' in question ? { newMeeting: question.newMeeting } : { meeting: question.meeting };
      const explanation = await zone.explain(request);
      return answer(output, explanation, () => viewExplanation(explanation));
    }
    case 'drain':
      return 'tunnel' in question ? drainTunnel(zone, question, output, signal) : drain(zone, question, output, signal);
    case 'undrain': {
      if ('tunnel' in question) return undrainTunnel(zone, question.tunnel, output);
      const { router } = question;
      const { wasDraining } = await zone.undrain(router);
      const text = wasDraining ? `${router} takes new meetings again.` : `${router} was not being drained.`;
      return answer(output, { router, wasDraining }, () => `${text}\n`);
    }
    case 'move':
      return move(zone, question, output);
    case 'kick': {
      const { meeting, participant, reason } = question;
      const { router } = await zone.kick({ meeting, participant, reason });
      return answer(
        output,
        { meeting, participant, router },
        () => `${participant} was on ${router} and has to leave.\n`,
      );
    }
  }
}

async function routers(zone: ZoneClient, { router, limit }: Of<'routers'>, output: Output): Promise<ExitCode> {
  const { items, isCut } = await collect(limit, async (page) => {
    const reply = await zone.routers({ ...page, router });
    return { items: reply.routers, next: reply.nextPageToken };
  });
  const [only] = items;
  const view = (): string =>
    router === '' || only === undefined ? viewRouters(items, Date.now()) : viewRouter(only, Date.now());
  return list(output, { routers: items, isCut }, items.length, view);
}

async function meetings(zone: ZoneClient, { router, limit }: Of<'meetings'>, output: Output): Promise<ExitCode> {
  const { items, isCut } = await collect(limit, async (page) => {
    const reply = await zone.meetings({ ...page, router });
    return { items: reply.meetings, next: reply.nextPageToken };
  });
  return list(output, { meetings: items, isCut }, items.length, () => viewMeetings(items));
}

async function participants(
  zone: ZoneClient,
  { meeting, limit }: Of<'participants'>,
  output: Output,
): Promise<ExitCode> {
  const silent = new Set<string>();
  const { items, isCut } = await collect(limit, async (page) => {
    const reply = await zone.participants({ ...page, meeting });
    for (const router of reply.silent) silent.add(router);
    return { items: reply.participants, next: reply.nextPageToken };
  });
  items.sort((a, b) => a.name.localeCompare(b.name));
  for (const router of silent) output.note(`${router} does not answer: who is there is not shown.\n`);
  return list(output, { participants: items, silent: [...silent], isCut }, items.length, () => viewParticipants(items));
}

async function drain(
  zone: ZoneClient,
  { router, deadlineMs, wait }: Extract<Of<'drain'>, { router: string }>,
  output: Output,
  signal: AbortSignal | undefined,
): Promise<ExitCode> {
  let last: DrainProgress__Output | undefined;
  let toldMs = Number.NEGATIVE_INFINITY;
  for await (const progress of zone.drain(router, deadlineMs, wait, signal)) {
    const isSame = last?.participants === progress.participants && last.stuck.length === progress.stuck.length;
    const isNews = !isSame || last?.state !== progress.state;
    last = progress;
    if (output.json) output.write(`${toJson({ router, ...progress })}\n`);
    else if (isNews || performance.now() - toldMs >= QUIET_MS) {
      output.write(`${viewProgress(router, progress, Date.now())}\n`);
      toldMs = performance.now();
    }
  }
  if (signal?.aborted) {
    output.note(`${router} goes on being drained. "zonectl undrain ${router}" ends that.\n`);
    return EXIT.interrupted;
  }
  const isWell = last?.state === 'EMPTY' || (!wait && last?.state === 'DRAINING');
  return isWell ? EXIT.ok : EXIT.notEmpty;
}

async function move(zone: ZoneClient, question: Of<'move'>, output: Output): Promise<ExitCode> {
  const { meeting, participant, from, toRouter, toWorker } = question;
  const reply = await zone.move({
    meeting,
    participant,
    from,
    toRouter,
    ...(toWorker === undefined ? {} : { toWorker }),
  });
  const who = participant === '' ? `The place of ${meeting} on ${reply.from}` : `${participant} on ${reply.from}`;
  const where =
    toRouter === '' ? 'wherever there is room' : toWorker === undefined ? toRouter : `${toRouter}/${toWorker}`;
  return answer(output, { meeting, participant, to: toRouter, ...reply }, () => `${who} is to go: ${where}.\n`);
}

/** Page after page, up to `limit`. */
export async function collect<Item>(
  limit: number,
  ask: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<{ items: Item[]; next: string }>,
): Promise<{ readonly items: Item[]; readonly isCut: boolean }> {
  const all: Item[] = [];
  let pageToken = '';
  do {
    const { items, next } = await ask({ pageSize: Math.min(MAX_PAGE, limit - all.length), pageToken });
    all.push(...items);
    pageToken = next;
  } while (pageToken !== '' && all.length < limit);
  return { items: all, isCut: pageToken !== '' };
}

export function list(
  output: Output,
  value: { readonly isCut: boolean; readonly [name: string]: unknown },
  length: number,
  view: () => string,
): ExitCode {
  answer(output, value, () => (length === 0 ? 'None.\n' : view()));
  if (value.isCut && !output.json) output.note(`These are the first ${length}; --limit shows more.\n`);
  return EXIT.ok;
}

/** For scripts or for people. */
export function answer(output: Output, value: object, view: () => string): ExitCode {
  output.write(output.json ? `${toJson(value)}\n` : view());
  return EXIT.ok;
}

/** Without the fields by which the gRPC library says which optional ones are there; safe on a terminal, too. */
function toJson(value: object): string {
  const json = JSON.stringify(value, (key, each) => (key.startsWith('_') ? undefined : each));
  return json.replace(/[\u007F-\u009F\p{Cf}\u2028\u2029]/gu, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
