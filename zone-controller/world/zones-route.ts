/** `GET /v1/zones`: where clients measure their round trips, before they join. */
import { z } from 'zod';
import type { ZoneList } from '../../proto/signalling.ts';
import { type Route, route } from '../http/route.ts';

const probe = z.object({
  ufrag: z.string(),
  password: z.string(),
  targets: z.array(z.object({ address: z.string(), port: z.int() })),
});
const zone = z.object({
  zone: z.string(),
  name: z.string().describe('For people.'),
  region: z.string(),
  urls: z.array(z.url()).describe('Where its controllers are reached.'),
  probe: probe.exactOptional().describe('An ICE credential, and where it is answered. Absent: not now.'),
});
const answer = z.object({ zones: z.array(zone) });

/** `zones`: those that may take who joins. */
export function zonesRoute(zones: () => ZoneList): Route {
  const description = {
    method: 'GET',
    path: '/v1/zones',
    operation: 'listZones',
    summary: 'Zones that may take who joins, and how a client measures its round trip to each.',
    access: 'anybody',
    answers: { 200: answer },
  } as const;
  return route(description, async () => ({ status: 200, body: zones() satisfies z.output<typeof answer> }));
}
