/** Who speaks on the bus: an instance (a controller) of a zone. The global controller is a zone by the name of `global`. */
export interface Sender {
  readonly zone: string;
  readonly instance: string;
}

/** The zone id of the global controller; no zone may have it. */
export const GLOBAL_ZONE = 'global';

const NAME = /^[\w.-]{1,64}$/;

/** `zone/instance` */
export function formatSender({ zone, instance }: Sender): string {
  return `${zone}/${instance}`;
}

/** Undefined when it is no sender. */
export function parseSender(text: string): Sender | undefined {
  const [zone = '', instance = '', ...rest] = text.split('/');
  return rest.length === 0 && isName(zone) && isName(instance) ? { zone, instance } : undefined;
}

/** Whether it may be the name of a zone or an instance. */
export function isName(name: string): boolean {
  return NAME.test(name);
}
