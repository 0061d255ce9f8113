/** ZoneSide, as the parts of a controller answer it. */
import type { ZoneProbe } from '../../global-controller/zones/zone-status.ts';
import type { Empty__Output } from '../../proto/gen/zonecast/router/v1/Empty.ts';
import type { ZoneMeetings } from '../meeting/zone-meetings.ts';
import type { ControllerRegistry } from '../registry/controller-registry.ts';
import type { ZoneRepairs } from '../repair/zone-repairs.ts';
import type { RouterDirectory } from '../routers/router-directory.ts';
import type { ZoneService } from '../service/zone-service.ts';
import type { ZoneSide } from './zone-side.ts';

export interface ControllerParts {
  readonly registry: Pick<ControllerRegistry, 'isLeader' | 'mirror' | 'operators' | 'records'>;
  readonly directory: Pick<RouterDirectory, 'all' | 'get' | 'ready' | 'link'>;
  // What is made later is asked for by functions.
  readonly meetings: () => Pick<ZoneMeetings, 'isLive' | 'setTree' | 'place' | 'act' | 'definitions' | 'copies'>;
  readonly repairs: () => Pick<ZoneRepairs, 'people'>;
  readonly service: () => Pick<ZoneService, 'answer'>;
  /** By which clients measure the way to the zone. */
  readonly probe: () => ZoneProbe | undefined;
}

export function sideOfController({
  registry,
  directory,
  meetings,
  repairs,
  service,
  probe,
}: ControllerParts): ZoneSide {
  const { mirror, operators } = registry;
  return {
    isLeader: () => registry.isLeader && mirror.isListed && operators.isListed,
    definitions: mirror.definitions,
    blocks: mirror.blocks,
    placements: mirror.placements,
    people: (meeting, placement) => repairs().people(meeting, placement),
    isLive: (meeting) => meetings().isLive(meeting),
    router: (router) => directory.get(router),
    facts: () => {
      const routers = directory.all;
      const drained = routers.length > 0 && routers.every(({ router }) => operators.drains.has(router));
      return { routers, ready: directory.ready(), drained, probe: probe() };
    },
    definition: async (meeting) => (await registry.records.definition(meeting)).value,
    endMeeting: (meeting) => meetings().definitions.end(meeting),
    definitionTold: (meeting, definition) => meetings().copies.told(meeting, definition),
    answer: (request) => service().answer(request),
    keepBlock: async (block) => void (await registry.records.putBlock(block, Date.now())),
    act: (meeting, act) => meetings().act(meeting, act),
    place: (meeting) => meetings().place(meeting),
    setZones: async (router, zones) => {
      const link = directory.link(router);
      await link.call<Empty__Output>((client, options, done) => client.SetZones({ zones }, options, done));
    },
    setTree: (router, meeting, placement) => meetings().setTree(router, meeting, placement),
    setZoneLinks: async (router, meeting, version, links) => {
      const request = { meeting, version, links };
      const link = directory.link(router);
      await link.call<Empty__Output>((client, options, done) => client.SetZoneLinks(request, options, done));
    },
  };
}
