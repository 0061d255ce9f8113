/** What `zonectl COMMAND --help` says. At most 120 columns. */
import type { OperatorCommandName } from './operator-arguments.ts';

const CONNECTION = `
Which zone
  --controller HOST:PORT   gRPC address of a controller; several times: the first that answers. Any of them can answer.
  --ca FILE                The zone authority's certificate.
  --cert FILE, --key FILE  A certificate of the role operator, and its key: "zonectl certificates --operator NAME".
  --config FILE            Reads the above from this YAML file. Default: ~/.config/zonecast/zonectl.yaml.
  What is not given is looked for in ZONECAST_CONTROLLER (ZONECAST_GLOBAL for commands that ask a global controller;
  comma-separated), ZONECAST_CA, ZONECAST_CERT and ZONECAST_KEY, then in the file. Without any controller it is the
  "zonectl up" that runs on this machine for this user.

Other options
  --json                   One JSON object for scripts instead of a table.
  --help                   Show this text.

Exit codes: 0 done, 2 wrong usage, 3 no controller answers, 4 refused, 5 what was drained is not empty, 1 else.
`;

const HELP: Readonly<Record<OperatorCommandName, string>> = {
  status: `zonectl status: how the zone is

Usage
  zonectl status

Controllers, leader, registry, how many routers, HTTP tunnels, meetings and people there are; why the controller that
answers should not get people, if so, and which tunnels are lost.
`,
  routers: `zonectl routers: the routers of the zone

Usage
  zonectl routers [--limit N]     All of them, a line each.
  zonectl routers ROUTER          One of them, with its workers.

STATE   open: takes new meetings; joinRate: takes no more joins for a moment; noNew, draining: takes none;
        notReady: not registered, or silent; lost: gone.
LOAD    of the fullest worker, as placement counts it: 100 % is full for people, the rest is for trunks.
CPU     of the busiest worker, of one core. DELAY: of its event loop, 99th percentile of the last second.
`,
  tunnels: `zonectl tunnels: the HTTP tunnels of the zone

Usage
  zonectl tunnels [--limit N]     All of them, a line each.
  zonectl tunnels TUNNEL          One of them, with its TURN.

STATE   open: takes people; draining: takes none, by an operator's order ("drained" when nobody is left), because it is
        about to stop, or without a valid certificate; lost: gone without a word in the last ten minutes, or drained
        and not there.
LOAD    the share of its limits that is in use, in tenths. LEFT: connections and TURN allocations, while draining.
`,
  meetings: `zonectl meetings: the meetings that are on routers

Usage
  zonectl meetings [--router ROUTER] [--limit N]

PLACES  router/worker with its people, the root of the meeting's tree first.
`,
  meeting: `zonectl meeting: makes, shows, plans or ends one meeting

Usage
  zonectl meeting create [--title TEXT] [--passcode TEXT] [--start TIME [--duration 1h] [--zone UTC] [--repeat RULE]
                         [--exclude TIME]... [--include TIME]...]
  zonectl meeting show MEETING
  zonectl meeting dates MEETING [--exclude TIME]... [--include TIME]...   The next dates, and single ones changed.
  zonectl meeting end MEETING

Passcode and host key are told when the meeting is made, and never again. Who is in a meeting that is ended has to
leave; nobody comes in again, unless it repeats or is a personal room.

  --start TIME      2030-03-25T09:30 in the time zone, or with an offset. Without it: for any time.
  --duration TIME   45m, 1h30m. Default: 1h.
  --zone NAME       Time zone, such as Europe/Berlin. Default: UTC.
  --repeat RULE     As in calendars (RFC 5545): FREQ=WEEKLY;BYDAY=MO,WE
  --exclude TIME    The meeting that would begin then does not take place; one that was added is taken back.
  --include TIME    One more that begins then; one that was excluded takes place again. To move one: exclude it, and
                    include the other time.
`,
  participants: `zonectl participants: who is in a meeting

Usage
  zonectl participants MEETING [--limit N]

SOURCES  what he sends and has not muted. UP, DOWN: quality of his connection, 0 (lost) to 100 (excellent).
Somebody who is moved from one router to another is on both for some seconds.
`,
  explain: `zonectl explain: where somebody would go, and why

Usage
  zonectl explain MEETING                                                 Who joins this meeting next.
  zonectl explain --new [--people N] [--tolerate TAINT] [--near LABEL=VALUE]...   A meeting that is nowhere yet.

Nothing is decided or kept by asking.
`,
  drain: `zonectl drain: empties a router, or an HTTP tunnel

Usage
  zonectl drain ROUTER [--deadline 10m] [--no-wait]
  zonectl drain --tunnel TUNNEL [--deadline 10m] [--no-wait]

The router gets nothing new, and its meetings move to others, a few at a time and without a gap for those in them. Tells
how many are left until it is empty. Ctrl-C ends the telling, not the draining. At the deadline, who is left stays. The
router stays closed, also after a restart, until "zonectl undrain ROUTER".

A tunnel is told to nobody any more and takes nothing new; who is there is sent to other tunnels, so see that there is
one ("zonectl tunnels"). Tells how many connections are left until there is none, or the deadline.

  --deadline TIME   90s, 10m, 1h30m; at most 7 days. Default: 10m. Draining again sets a new one.
  --no-wait         Ends as soon as the zone knows of it.
`,
  undrain: `zonectl undrain: a drained router takes new meetings again, or a drained HTTP tunnel people

Usage
  zonectl undrain ROUTER
  zonectl undrain --tunnel TUNNEL

What has been moved away stays where it is.
`,
  move: `zonectl move: moves a meeting, or one participant, to another router

Usage
  zonectl move MEETING [--from ROUTER[/WORKER]] [--to ROUTER[/WORKER]]
  zonectl move MEETING --participant PARTICIPANT [--to ROUTER[/WORKER]]

Records the wish and ends; the zone carries it out within a minute, or not at all if there is no room ("zonectl
meetings" shows it). --from says which place of a meeting that is on several. Without --to: wherever there is room;
with it, nowhere else, and refused if that router is away, drained or, for a participant, full.
`,
  kick: `zonectl kick: ends a participant's stay

Usage
  zonectl kick MEETING PARTICIPANT [--reason TEXT]

PARTICIPANT is the first column of "zonectl participants". The reason is for the controller's log. Who knows the
passcode can join again.
`,
  zones: `zonectl zones: all zones, or where a participant would be placed

Usage
  zonectl zones                                                      All zones, as a global controller knows them.
  zonectl zones --for MEETING [--rtt ZONE=MS]... [--own ZONE]        Where who joins the meeting would go, and why.
  zonectl zones --drain ZONE                                         Nobody new goes there; who is there goes elsewhere.
  zonectl zones --undrain ZONE                                       People go there again.

This asks a global controller: name one by --controller, or as "global" in the file.

STANDING  new: not heard yet; well: speaks; silent: for 2 s or more; lost: given up.
  --rtt   A round trip that the client has measured, milliseconds. --own: the zone whose own he is.
`,
  policies: `zonectl policies: rules about where people and media may be

Usage
  zonectl policies                                                   All of them.
  zonectl policies --set SCOPE [--residency anywhere|local] [--guests none|ZONE] [--overflow never|any|ZONE]

This asks a global controller: name one by --controller. SCOPE is default, zone.ZONE or account.ACCOUNT. What is set
replaces all rules of the scope; without any, it says nothing any more. Refused when rules contradict each other.
`,
  tree: `zonectl tree: in which zones a meeting is, and how they are joined

Usage
  zonectl tree MEETING

This asks a global controller: name one by --controller.
`,
};

export function operatorHelp(name: OperatorCommandName): string {
  return HELP[name] + CONNECTION;
}
