/** How a controller is told of the other zones: the configuration's `world` section. */
import { z } from 'zod';
import { readPrivateKey, readPublicKey } from '../../bus/key-ring.ts';
import { natsConfig, readNatsSettings } from '../../bus/nats/nats-settings.ts';
import { NatsTransport } from '../../bus/nats/nats-transport.ts';
import { GLOBAL_ZONE } from '../../bus/sender.ts';
import { ZonecastError } from '../../common/errors.ts';
import type { ZoneId } from '../../common/ids.ts';
import type { Logger } from '../../common/log.ts';
import { readPem } from '../../common/pem-files.ts';
import { MAX_ZONE_ID } from '../../global-controller/buckets.ts';
import type { GeoTable } from '../../global-controller/geo/geo-table.ts';
import { describeWrongLine, readGeoCsv } from '../../global-controller/geo/read-geo-csv.ts';
import type { WorldOptions } from './world-options.ts';

export const worldConfig = z.strictObject({
  privateKey: z.string().describe("File with the zone's private key (PEM, Ed25519); the same for all its controllers."),
  worldKey: z.string().describe("File with the world's public key (PEM, Ed25519)."),
  nats: natsConfig.describe('The bus between the zones.'),
  geo: z.string().optional().describe('File of `CIDR,latitude,longitude` lines: where addresses are.'),
});
export type WorldConfig = z.output<typeof worldConfig>;

/** Opens nothing yet. @throws ZonecastError `badConfig` when a file cannot be read or is not what it should be */
export function readWorldOptions(config: WorldConfig, zone: ZoneId, log: Logger): WorldOptions {
  if (zone === GLOBAL_ZONE || zone.length > MAX_ZONE_ID) {
    throw new ZonecastError(
      'badConfig',
      `zone: in a world, an id has at most ${MAX_ZONE_ID} characters, and is not ${GLOBAL_ZONE}.`,
    );
  }
  const settings = readNatsSettings(config.nats);
  return {
    privateKey: named('world.privateKey', config.privateKey, readPrivateKey),
    worldKey: named('world.worldKey', config.worldKey, readPublicKey),
    transport: () => new NatsTransport(settings, zone, log),
    ...(config.geo !== undefined && { geo: readGeo(config.geo, log) }),
  };
}

function named<Key>(key: string, path: string, read: (pem: string) => Key): Key {
  try {
    return read(readPem(path));
  } catch (error) {
    if (!(error instanceof ZonecastError)) throw error;
    throw new ZonecastError('badConfig', `${key}: ${path}: ${error.message}`, { cause: error });
  }
}

/** A table with wrong lines is of use; without any right one it is not. */
function readGeo(path: string, log: Logger): GeoTable {
  const { table, problems, wrong } = readGeoCsv(readPem(path));
  for (const line of wrong) log.warn({ path }, describeWrongLine(line));
  if (wrong.length > 0)
    log.warn({ path, problems, ranges: table.size }, 'lines of the table of addresses are left out');
  if (table.size === 0)
    throw new ZonecastError('badConfig', `world.geo: ${path} has no line of CIDR,latitude,longitude.`);
  return table;
}
