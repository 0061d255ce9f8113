/** The command lines of the operators' commands. Pure. */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { hostAndPort } from '../../common/config-fields.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ConnectionOptions } from './connection-settings.ts';
import type { Dates } from './meeting-dates.ts';
import { parseDurationMs } from './units.ts';

const DEFAULT_DEADLINE = '10m';
const DEFAULT_MEETING = '1h';
/** Of what a table shows. */
const DEFAULT_LIMIT = 1_000;
const MAX_LIMIT = 100_000;

export const OPERATOR_COMMANDS = [
  'status',
  'routers',
  'tunnels',
  'meetings',
  'meeting',
  'participants',
  'explain',
  'drain',
  'undrain',
  'move',
  'kick',
  'zones',
  'policies',
  'tree',
] as const;
export type OperatorCommandName = (typeof OPERATOR_COMMANDS)[number];

export type OperatorQuestion =
  | { readonly name: 'status' }
  | { readonly name: 'routers'; readonly router: string; readonly limit: number }
  | { readonly name: 'tunnels'; readonly tunnel: string; readonly limit: number }
  | { readonly name: 'meetings'; readonly router: string; readonly limit: number }
  | { readonly name: 'meeting'; readonly action: 'create'; readonly plan: MeetingPlan }
  | { readonly name: 'meeting'; readonly action: 'show' | 'end'; readonly meeting: string }
  | { readonly name: 'meeting'; readonly action: 'dates'; readonly meeting: string; readonly change: Dates }
  | { readonly name: 'participants'; readonly meeting: string; readonly limit: number }
  | { readonly name: 'explain'; readonly meeting: string }
  | {
      readonly name: 'explain';
      readonly newMeeting: {
        readonly people: number;
        readonly tolerate: string;
        readonly near: Readonly<Record<string, string>>;
      };
    }
  | { readonly name: 'drain'; readonly router: string; readonly deadlineMs: number; readonly wait: boolean }
  | { readonly name: 'drain'; readonly tunnel: string; readonly deadlineMs: number; readonly wait: boolean }
  | { readonly name: 'undrain'; readonly router: string }
  | { readonly name: 'undrain'; readonly tunnel: string }
  | {
      readonly name: 'move';
      readonly meeting: string;
      readonly participant: string;
      readonly from: string;
      readonly toRouter: string;
      readonly toWorker: number | undefined;
    }
  | { readonly name: 'kick'; readonly meeting: string; readonly participant: string; readonly reason: string };

/** A meeting to be made; empty: nothing is said of it. */
export interface MeetingPlan {
  readonly title: string;
  readonly passcode: string;
  /** RFC 3339, or time of day in the time zone; empty: it is not planned for a time. */
  readonly start: string;
  readonly durationMs: number;
  readonly timeZone: string;
  readonly recurrence: string;
  readonly dates: Dates;
}

/** What a global controller is asked. */
export type WorldQuestion =
  | { readonly name: 'zones' }
  | {
      readonly name: 'zones';
      readonly meeting: string;
      readonly own: string;
      readonly rttMs: Readonly<Record<string, number>>;
    }
  | { readonly name: 'zones'; readonly zone: string; readonly drained: boolean }
  | { readonly name: 'policies' }
  | { readonly name: 'policies'; readonly scope: string; readonly rules: PolicyTexts }
  | { readonly name: 'tree'; readonly meeting: string };

/** Empty: the policy does not say. A zone's id where it is no word of the rule. */
export interface PolicyTexts {
  readonly residency: string;
  readonly guests: string;
  readonly overflow: string;
}

export interface OperatorCommand {
  readonly question: OperatorQuestion | WorldQuestion;
  readonly connection: ConnectionOptions;
  readonly json: boolean;
}

const COMMON = {
  help: { type: 'boolean', short: 'h' },
  controller: { type: 'string', multiple: true },
  ca: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  config: { type: 'string' },
  json: { type: 'boolean' },
} satisfies ParseArgsOptionsConfig;

/** Options of single commands; all take a text or none. */
const OPTIONS: Readonly<Record<OperatorCommandName, ParseArgsOptionsConfig>> = {
  status: {},
  routers: { limit: { type: 'string' } },
  tunnels: { limit: { type: 'string' } },
  meetings: { router: { type: 'string' }, limit: { type: 'string' } },
  meeting: {
    title: { type: 'string' },
    passcode: { type: 'string' },
    start: { type: 'string' },
    duration: { type: 'string' },
    zone: { type: 'string' },
    repeat: { type: 'string' },
    exclude: { type: 'string', multiple: true },
    include: { type: 'string', multiple: true },
  },
  participants: { limit: { type: 'string' } },
  explain: {
    new: { type: 'boolean' },
    people: { type: 'string' },
    tolerate: { type: 'string' },
    near: { type: 'string', multiple: true },
  },
  drain: { tunnel: { type: 'string' }, deadline: { type: 'string' }, 'no-wait': { type: 'boolean' } },
  undrain: { tunnel: { type: 'string' } },
  move: { participant: { type: 'string' }, from: { type: 'string' }, to: { type: 'string' } },
  kick: { reason: { type: 'string' } },
  zones: {
    for: { type: 'string' },
    own: { type: 'string' },
    rtt: { type: 'string', multiple: true },
    drain: { type: 'string' },
    undrain: { type: 'string' },
  },
  policies: {
    set: { type: 'string' },
    residency: { type: 'string' },
    guests: { type: 'string' },
    overflow: { type: 'string' },
  },
  tree: {},
};

export function isOperatorCommand(name: string | undefined): name is OperatorCommandName {
  return OPERATOR_COMMANDS.some((command) => command === name);
}

/** `args` without the command's name. @throws ZonecastError `badConfig` that says what is wrong, in one sentence */
export function parseOperatorArguments(name: OperatorCommandName, args: readonly string[]): OperatorCommand | 'help' {
  const read = new Arguments(name, args);
  if (read.flag('help')) return 'help';
  const question = read.question();
  read.checkPositionals();
  return { question, connection: read.connection(), json: read.flag('json') };
}

/** One command line; what is taken from it is checked at once. */
class Arguments {
  readonly #name: OperatorCommandName;
  readonly #values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  readonly #positionals: string[];

  constructor(name: OperatorCommandName, args: readonly string[]) {
    this.#name = name;
    try {
      const options = { ...COMMON, ...OPTIONS[name] };
      const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
      this.#values = values;
      this.#positionals = positionals;
    } catch (error) {
      // Node's first sentence names the option; the rest is about escaping.
      const [sentence = ''] = (error as Error).message.split('. ');
      throw this.#wrong(`${sentence.replace(/\.$/, '')}.`);
    }
  }

  question(): OperatorQuestion | WorldQuestion {
    const name = this.#name;
    switch (name) {
      case 'status':
        return { name };
      case 'routers':
        return { name, router: this.#optional(), limit: this.#limit() };
      case 'tunnels':
        return { name, tunnel: this.#optional(), limit: this.#limit() };
      case 'meetings':
        return { name, router: this.#text('router'), limit: this.#limit() };
      case 'meeting':
        return this.#meetingAction();
      case 'participants':
        return { name, meeting: this.#meeting(), limit: this.#limit() };
      case 'explain':
        return this.flag('new') ? { name, newMeeting: this.#newMeeting() } : { name, meeting: this.#meeting() };
      case 'drain':
        return { name, ...this.#drained(), deadlineMs: this.#deadline(), wait: !this.flag('no-wait') };
      case 'undrain':
        return { name, ...this.#drained() };
      case 'move': {
        const [from, participant] = [this.#text('from'), this.#text('participant')];
        return { name, meeting: this.#meeting(), participant, from, ...this.#destination() };
      }
      case 'kick':
        return {
          name,
          meeting: this.#meeting(),
          participant: this.#required('PARTICIPANT'),
          reason: this.#text('reason'),
        };
      case 'zones':
        return this.#zones();
      case 'policies':
        return this.#policies();
      case 'tree':
        return { name, meeting: this.#meeting() };
    }
  }

  connection(): ConnectionOptions {
    const controllers = this.#list('controller');
    const wrong = controllers.find((address) => !hostAndPort.safeParse(address).success);
    if (wrong !== undefined) throw this.#wrong(`--controller takes host:port, not "${wrong}".`);
    const file = (name: string): string | undefined => this.#text(name) || undefined;
    return {
      controller: controllers.length === 0 ? undefined : controllers,
      ca: file('ca'),
      cert: file('cert'),
      key: file('key'),
      config: file('config'),
    };
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  checkPositionals(): void {
    const [extra] = this.#positionals;
    if (extra !== undefined) throw this.#wrong(`"zonectl ${this.#name}" does not take "${extra}".`);
  }

  #text(name: string): string {
    const value = this.#values[name];
    return typeof value === 'string' ? value : '';
  }

  #list(name: string): string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
  }

  #optional(): string {
    return this.#positionals.shift() ?? '';
  }

  #required(what: string): string {
    const value = this.#optional();
    if (value === '') throw this.#wrong(`${what} is missing.`);
    return value;
  }

  #meetingAction(): OperatorQuestion {
    const name = 'meeting';
    const action = this.#required('create, show, dates or end');
    if (action === 'create') return { name, action, plan: this.#plan() };
    if (action === 'show' || action === 'end') return { name, action, meeting: this.#meeting() };
    if (action === 'dates') return { name, action, meeting: this.#meeting(), change: this.#dates() };
    throw this.#wrong(`A meeting has no "${action}".`);
  }

  #plan(): MeetingPlan {
    const text = this.#text('duration') || DEFAULT_MEETING;
    const durationMs = parseDurationMs(text);
    if (durationMs === undefined || durationMs < 60_000) {
      throw this.#wrong(`--duration takes a time such as 45m or 1h30m, not "${text}".`);
    }
    const start = this.#text('start');
    const timeZone = this.#text('zone') || 'UTC';
    const recurrence = this.#text('repeat');
    if (start === '' && recurrence !== '') throw this.#wrong('--repeat goes with --start.');
    const dates = this.#dates();
    if (start === '' && dates.exclude.length + dates.include.length > 0) {
      throw this.#wrong('--exclude and --include go with --start.');
    }
    const [title, passcode] = [this.#text('title'), this.#text('passcode')];
    return { title, passcode, start, durationMs, timeZone, recurrence, dates };
  }

  #dates(): Dates {
    return { exclude: this.#list('exclude'), include: this.#list('include') };
  }

  /** People write them in groups: `123 4567 8901` or `123-4567-8901`. */
  #meeting(): string {
    return this.#required('MEETING').replace(/[\s-]/g, '');
  }

  #limit(): number {
    const text = this.#text('limit');
    const limit = text === '' ? DEFAULT_LIMIT : Number(text);
    if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
    throw this.#wrong(`--limit takes a number from 1 to ${MAX_LIMIT}, not "${text}".`);
  }

  /** A router and a tunnel may have one name. */
  #drained(): { readonly router: string } | { readonly tunnel: string } {
    const tunnel = this.#text('tunnel');
    return tunnel === '' ? { router: this.#required('ROUTER or --tunnel TUNNEL') } : { tunnel };
  }

  #deadline(): number {
    const text = this.#text('deadline') || DEFAULT_DEADLINE;
    const deadlineMs = parseDurationMs(text);
    if (deadlineMs !== undefined && deadlineMs > 0) return deadlineMs;
    throw this.#wrong(`--deadline takes a time such as 90s, 10m or 1h30m, not "${text}".`);
  }

  #newMeeting() {
    const text = this.#text('people') || '0';
    if (!/^\d{1,5}$/.test(text)) throw this.#wrong(`--people takes a number, not "${text}".`);
    const near = this.#list('near').map((label) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(label) ?? [];
      if (key === undefined || value === undefined) throw this.#wrong(`--near takes LABEL=VALUE, not "${label}".`);
      return [key, value] as const;
    });
    return { people: Number(text), tolerate: this.#text('tolerate'), near: Object.fromEntries(near) };
  }

  #zones(): WorldQuestion {
    const name = 'zones';
    const meeting = this.#text('for').replace(/[\s-]/g, '');
    const own = this.#text('own');
    const rtts = this.#list('rtt').map((text) => {
      const [, zone, ms] = /^([\w.-]+)=(\d{1,5}(?:\.\d{1,3})?)$/.exec(text) ?? [];
      if (zone === undefined) throw this.#wrong(`--rtt takes ZONE=MILLISECONDS, not "${text}".`);
      return [zone, Number(ms)] as const;
    });
    if (meeting !== '') return { name, meeting, own, rttMs: Object.fromEntries(rtts) };
    if (own !== '' || rtts.length > 0) throw this.#wrong('--own and --rtt go with --for.');
    const [drain, undrain] = [this.#text('drain'), this.#text('undrain')];
    if (drain !== '' && undrain !== '') throw this.#wrong('Of --drain and --undrain, give one.');
    if (drain !== '' || undrain !== '') return { name, zone: drain || undrain, drained: drain !== '' };
    return { name };
  }

  #policies(): WorldQuestion {
    const name = 'policies';
    const scope = this.#text('set');
    const rules = {
      residency: this.#text('residency'),
      guests: this.#text('guests'),
      overflow: this.#text('overflow'),
    };
    if (scope !== '') return { name, scope, rules };
    if (Object.values(rules).some((text) => text !== '')) throw this.#wrong('Rules go with --set.');
    return { name };
  }

  /** `router`, `router/worker`, or `anywhere`. */
  #destination(): { readonly toRouter: string; readonly toWorker: number | undefined } {
    const text = this.#text('to') || 'anywhere';
    if (text === 'anywhere') return { toRouter: '', toWorker: undefined };
    const [, router, worker] = /^([\w.-]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
    if (router === undefined) throw this.#wrong(`--to takes ROUTER, ROUTER/WORKER or anywhere, not "${text}".`);
    return { toRouter: router, toWorker: worker === undefined ? undefined : Number(worker) };
  }

  #wrong(message: string): ZonecastError {
    return new ZonecastError('badConfig', `${message} "zonectl ${this.#name} --help" shows what it can do.`);
  }
}
