/** What global controllers answer, as people read it. Pure. */
import type { MeetingTree__Output } from '../../proto/gen/zonecast/global/v1/MeetingTree.ts';
import type { Policy__Output } from '../../proto/gen/zonecast/global/v1/Policy.ts';
import type { Zone__Output } from '../../proto/gen/zonecast/global/v1/Zone.ts';
import { printable, textFields, textTable } from './text-table.ts';
import { count, duration, percent } from './units.ts';

const NONE = '-';

export function viewZones(zones: readonly Zone__Output[]): string {
  return textTable<Zone__Output>(
    [
      { title: 'ZONE', of: ({ zone }) => zone },
      { title: 'NAME', of: ({ name }) => name || NONE },
      { title: 'STANDING', of: viewStanding },
      { title: 'ROUTERS', align: 'right', of: ({ routersReady }) => `${routersReady ?? NONE}` },
      { title: 'PEOPLE', align: 'right', of: ({ participants }) => `${participants ?? NONE}` },
      { title: 'FREE', align: 'right', of: ({ headRoom }) => (headRoom === undefined ? NONE : percent(headRoom)) },
      { title: 'RELEASES', of: ({ releases }) => releases.join(' ') || NONE },
      { title: 'TRUNKS', of: ({ trunks }) => trunks.map(viewTrunk).join(' ') || NONE },
    ],
    zones,
  );
}

function viewStanding({ standing, silentMs, drained }: Zone__Output): string {
  const since = standing === 'well' ? '' : ` ${duration(silentMs)}`;
  return `${standing}${since}${drained ? ', drained' : ''}`;
}

function viewTrunk({ zone, rttMs, up }: Zone__Output['trunks'][number]): string {
  return up ? `${zone}:${Math.round(rttMs)}ms` : `${zone}:down`;
}

export function viewPolicies(policies: readonly Policy__Output[]): string {
  return textTable<Policy__Output>(
    [
      { title: 'SCOPE', of: ({ scope }) => scope },
      { title: 'RESIDENCY', of: ({ residency }) => residency ?? NONE },
      { title: 'GUESTS', of: ({ guests }) => (guests ? (guests.via === '' ? 'none' : `via ${guests.via}`) : NONE) },
      { title: 'OVERFLOW', of: ({ overflow }) => overflow?.rule ?? overflow?.zone ?? NONE },
      { title: 'REVISION', align: 'right', of: ({ revision }) => `${revision}` },
    ],
    policies,
  );
}

export function viewTree({ meeting, home, term, present, root, edges, version }: MeetingTree__Output): string {
  const people = new Map(present.map((each) => [each.zone, each.people]));
  const line = (zone: string, depth: number): string[] => {
    const here = people.get(zone);
    const who = here === undefined ? 'on the way' : count(here, 'person', 'people');
    const below = edges.filter(({ parent }) => parent === zone).flatMap((edge) => line(edge.zone, depth + 1));
    return [`${'  '.repeat(depth)}${zone}: ${who}`, ...below];
  };
  const joined = new Set([root, ...edges.map(({ zone }) => zone)]);
  const alone = present.filter(({ zone }) => !joined.has(zone)).map(({ zone }) => line(zone, 0).join('\n'));
  return textFields([
    ['Meeting', meeting],
    ['Home', home === '' ? NONE : `${home}${term === 0 ? '' : `, term ${term}`}`],
    ['Tree', root === '' ? NONE : `${line(root, 0).join('\n')}`],
    ['Alone', alone.join('\n') || NONE],
    ['Version', version === 0 ? NONE : `${version}`],
  ]);
}

/** Of several lines. */
export function viewRanking(text: string): string {
  return `${text.split('\n').map(printable).join('\n')}\n`;
}
