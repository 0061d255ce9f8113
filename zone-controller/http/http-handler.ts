/** What each path answers: the API, the page's files, and how the controller is. Everything else is refused in one place. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { toZonecastError } from '../../common/errors.ts';
import type { Logger } from '../../common/log.ts';
import { sendError, sendFile, sendText } from './answers.ts';
import { ApiHandler, type ApiHandlerOptions } from './api-handler.ts';
import { requestTarget } from './request-target.ts';
import { securityHeaders } from './security-headers.ts';
import type { StaticFile } from './static-files.ts';

export interface HttpHandlerOptions extends ApiHandlerOptions {
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Origins of the zone's other controllers. */
  readonly siblings: () => readonly string[];
  /** Origins of its HTTP tunnels; by default there are none. */
  readonly tunnels?: () => readonly string[];
  /** Sources of CSP for those that may come; by default there are none. */
  readonly plannedTunnels?: readonly string[];
  /** Why this controller is not ready; empty when it is. */
  readonly readinessProblems: () => readonly string[];
  readonly log: Logger;
}

export class HttpHandler {
  readonly #options: HttpHandlerOptions;
  readonly #api: ApiHandler;

  constructor(options: HttpHandlerOptions) {
    this.#options = options;
    this.#api = new ApiHandler(options);
  }

  /** Answers one request. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { siblings, tunnels, plannedTunnels = [] } = this.#options;
    const headers = securityHeaders({ siblings: siblings(), tunnels: tunnels?.() ?? [], plannedTunnels });
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    try {
      const isDone = this.#handlePage(request, response) || (await this.#api.handle(request, response));
      if (!isDone) sendText(response, 404, 'Not found.\n');
    } catch (error) {
      // The client went away; nobody is there to be told, and it is no fault of ours.
      if (request.errored !== null) return;
      const typed = toZonecastError(error);
      if (typed.code === 'internal') this.#options.log.error({ err: error }, 'a request failed');
      sendError(response, typed);
    }
  }

  /** False: it is for the API, or for nobody. */
  #handlePage(request: IncomingMessage, response: ServerResponse): boolean {
    const { path } = requestTarget(request);
    const { files, readinessProblems } = this.#options;
    const file = files.get(path);
    if (file === undefined && path !== '/healthz' && path !== '/readyz') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      sendText(response, 405, 'Method not allowed.\n');
    } else if (file !== undefined) {
      sendFile(response, file);
    } else {
      const problems = path === '/healthz' ? [] : readinessProblems();
      const isWell = problems.length === 0;
      sendText(response, isWell ? 200 : 503, isWell ? 'ok\n' : `${problems.join('\n')}\n`);
    }
    return true;
  }
}
