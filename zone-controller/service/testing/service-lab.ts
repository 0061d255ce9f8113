/** The meeting service behind a real socket, with a registry in memory and no routers. */

import type { AuditEntry } from '../../../common/audit/audit.ts';
import type { MeetingId, RouterId, ZoneId } from '../../../common/ids.ts';
import { createLogger } from '../../../common/log.ts';
import { HttpHandler } from '../../http/http-handler.ts';
import { HttpServer } from '../../http/http-server.ts';
import type { Route } from '../../http/route.ts';
import { DEFAULT_LIMITS, DEFAULT_TIMES, type ZoneLimits } from '../../limits/zone-limits.ts';
import { Admission } from '../../meeting/admission.ts';
import { Definitions } from '../../meeting/definitions.ts';
import { LiveMeetings } from '../../meeting/live-meetings.ts';
import { MemoryRegistry } from '../../registry/memory-registry.ts';
import { ZoneRecords } from '../../registry/records.ts';
import { ABSENT } from '../../registry/registry.ts';
import { ZoneMirror } from '../../registry/zone-mirror.ts';
import { LonelyWorld } from '../../world/lonely-world.ts';
import type { Identities } from '../identity/identities.ts';
import { MeetingCatalog } from '../meeting-catalog.ts';
import { MeetingRights } from '../meeting-rights.ts';
import { PersonalRooms } from '../personal-rooms.ts';
import { meetingRoutes } from '../rest/meeting-routes.ts';
import { openApiRoute } from '../rest/openapi.ts';

const ZONE = 'test' as ZoneId;
const log = createLogger({ name: 'test', level: 'silent' });

export interface ServiceLabOptions {
  readonly identities?: Identities;
  readonly anonymous?: boolean;
  readonly limits?: Partial<ZoneLimits>;
  readonly allowedOrigins?: readonly string[];
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read what they expect to be there
  readonly body: any;
}

/** `key`: of the meeting. */
export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ServiceLab {
  readonly records: ZoneRecords;
  readonly mirror: ZoneMirror;
  readonly definitions: Definitions;
  readonly catalog: MeetingCatalog;
  readonly routes: readonly Route[];
  readonly audit: AuditEntry[] = [];
  /** Meetings that were ended wherever they are. */
  readonly ended: MeetingId[] = [];
  readonly #server: HttpServer;
  #port = 0;

  private constructor(options: ServiceLabOptions) {
    const { identities, anonymous = true, allowedOrigins = [] } = options;
    const limits = { ...DEFAULT_LIMITS, request: { burst: 100_000, perSecond: 1_000 }, ...options.limits };
    const world = new LonelyWorld(ZONE);
    const now = (): number => performance.now();
    const records = new ZoneRecords(new MemoryRegistry(), ZONE, log);
    this.records = records;
    const mirror = new ZoneMirror(records, () => undefined);
    this.mirror = mirror;
    const live = new LiveMeetings(() => false, now);
    const lifeMs = DEFAULT_TIMES.definitionMs;
    const copies = { find: async () => undefined, end: async () => undefined };
    const capacity = limits.definitions;
    const definitions = new Definitions({ records, mirror, capacity, lifeMs, live, world, copies });
    this.definitions = definitions;
    const admission = new Admission({ definitions, limits, identities, now });
    const audit = { record: (entry: AuditEntry) => void this.audit.push(entry) };
    const rights = new MeetingRights({ records, admission, keeperOf: () => world.blockZone(), own: ZONE });
    const endRunning = async (meeting: MeetingId): Promise<void> => void this.ended.push(meeting);
    const common = { definitions, records, mirror, audit, now };
    const url = (): string => 'https://meet.example';
    this.catalog = new MeetingCatalog({ ...common, rights, limits, lifeMs, anonymous, url, endRunning });
    const rooms = new PersonalRooms({ ...common, catalog: this.catalog });
    const routes = meetingRoutes({ catalog: this.catalog, rooms, identities });
    this.routes = [...routes, openApiRoute(routes, '1.2.3')];
    const handler = new HttpHandler({
      routes: this.routes,
      files: new Map(),
      limits,
      allowedOrigins: () => allowedOrigins,
      siblings: () => [],
      readinessProblems: () => [],
      now,
      log,
    });
    const upgrade = (): never => {
      throw new Error('nobody upgrades here');
    };
    this.#server = new HttpServer({
      host: '127.0.0.1',
      port: 0,
      tls: undefined,
      limits,
      times: DEFAULT_TIMES,
      handler,
      upgrade,
    });
  }

  static async start(options: ServiceLabOptions = {}): Promise<ServiceLab> {
    const lab = new ServiceLab(options);
    lab.mirror.start();
    lab.#port = await lab.#server.start();
    return lab;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async ask(path: string, { method = 'GET', body, token, key, headers }: Asking = {}): Promise<Reply> {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        ...(text === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { 'zonecast-host-key': key }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(answer) : answer };
  }

  /** As if somebody were in it. */
  async place(meeting: string): Promise<void> {
    const placement = {
      epoch: 1,
      version: 1,
      root: { router: 'router-1' as RouterId, worker: 0 },
      branches: [],
      leaving: [],
    };
    await this.records.putPlacement(meeting as MeetingId, placement, ABSENT);
  }

  async stop(): Promise<void> {
    this.mirror.close();
    await this.#server.stop(0);
  }
}
