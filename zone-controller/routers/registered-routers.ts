/** The routers that are registered with this controller: it records them for the whole zone, as long as they are. */
import { ZonecastError } from '../../common/errors.ts';
import type { RouterId } from '../../common/ids.ts';
import type { Registration__Output } from '../../proto/gen/zonecast/zone/v1/Registration.ts';
import type { LeasedKeys } from '../registry/leased-keys.ts';
import { type RouterRecord, routerRecord, type ZoneRecords } from '../registry/records.ts';
import type { RegistrationListener } from './zone-server.ts';

const MAX_ROUTERS = 10_000;

export class RegisteredRouters implements RegistrationListener {
  /** The stream that each is registered by. */
  readonly #sessions = new Map<RouterId, object>();
  readonly #records: ZoneRecords;
  readonly #keys: LeasedKeys;
  readonly #controller: string;

  constructor(records: ZoneRecords, keys: LeasedKeys, controller: string) {
    this.#records = records;
    this.#keys = keys;
    this.#controller = controller;
  }

  registered(session: object, router: RouterId, registration: Registration__Output): void {
    if (!this.#sessions.has(router) && this.#sessions.size >= MAX_ROUTERS) {
      throw new ZonecastError('rateLimited', `more than ${MAX_ROUTERS} routers`);
    }
    const { key, value } = this.#records.routerEntry(router, this.#toRecord(registration));
    this.#sessions.set(router, session);
    this.#keys.want(key, value);
  }

  gone(session: object, router: RouterId): void {
    if (this.#sessions.get(router) !== session) return;
    this.#sessions.delete(router);
    this.#keys.drop(this.#records.routerKey(router));
  }

  /** The registry has no record of it; whoever has it registered puts that right. */
  unrecorded(router: RouterId): void {
    if (this.#sessions.has(router)) this.#keys.deleted(this.#records.routerKey(router));
  }

  #toRecord({
    address,
    zonesAddress,
    workers,
    workerLimits,
    labels,
    taints,
    version,
    media,
  }: Registration__Output): RouterRecord {
    const record = routerRecord.safeParse({
      address,
      ...(zonesAddress === '' ? {} : { zonesAddress }),
      workers,
      media,
      limits: workerLimits,
      labels,
      taints,
      release: version,
      controller: this.#controller,
    });
    if (record.success) return record.data;
    const [issue] = record.error.issues;
    throw new ZonecastError(
      'badMessage',
      `the registration makes no sense: ${issue?.path.join('.')} ${issue?.message}`,
    );
  }
}
