import { describe, expect, test } from 'vitest';
import { OPERATOR_COMMANDS, type OperatorCommandName, parseOperatorArguments } from './operator-arguments.ts';
import { operatorHelp } from './operator-help.ts';

function parse(line: string) {
  const [name, ...args] = line.split(' ');
  return parseOperatorArguments(name as OperatorCommandName, args); // the tables below have no others
}

describe('command lines of operators', () => {
  test.each([
    ['status', { name: 'status' }],
    ['routers', { name: 'routers', router: '', limit: 1_000 }],
    ['routers r1 --limit 5', { name: 'routers', router: 'r1', limit: 5 }],
    ['meetings --router r1', { name: 'meetings', router: 'r1', limit: 1_000 }],
    ['meeting show 123-4567-8901', { name: 'meeting', action: 'show', meeting: '12345678901' }],
    ['meeting end 12345678901', { name: 'meeting', action: 'end', meeting: '12345678901' }],
    [
      'meeting create --title Plans --start 2030-03-25T09:30 --duration 45m --zone Europe/Berlin --repeat FREQ=WEEKLY',
      {
        name: 'meeting',
        action: 'create',
        plan: {
          title: 'Plans',
          passcode: '',
          start: '2030-03-25T09:30',
          durationMs: 2_700_000,
          timeZone: 'Europe/Berlin',
          recurrence: 'FREQ=WEEKLY',
          dates: { exclude: [], include: [] },
        },
      },
    ],
    [
      'meeting dates 123-4567-8901 --exclude 2030-04-01T09:30 --exclude 2030-04-08T09:30 --include 2030-04-02T15:00',
      {
        name: 'meeting',
        action: 'dates',
        meeting: '12345678901',
        change: { exclude: ['2030-04-01T09:30', '2030-04-08T09:30'], include: ['2030-04-02T15:00'] },
      },
    ],
    ['participants 123-4567-8901', { name: 'participants', meeting: '12345678901', limit: 1_000 }],
    ['explain 12345678901', { name: 'explain', meeting: '12345678901' }],
    [
      'explain --new --people 30 --tolerate canary --near rack=a=b --near part=1',
      { name: 'explain', newMeeting: { people: 30, tolerate: 'canary', near: { rack: 'a=b', part: '1' } } },
    ],
    ['drain r1', { name: 'drain', router: 'r1', deadlineMs: 600_000, wait: true }],
    ['drain r1 --deadline 1h --no-wait', { name: 'drain', router: 'r1', deadlineMs: 3_600_000, wait: false }],
    ['undrain r1', { name: 'undrain', router: 'r1' }],
    ['tunnels', { name: 'tunnels', tunnel: '', limit: 1_000 }],
    ['tunnels t1 --limit 5', { name: 'tunnels', tunnel: 't1', limit: 5 }],
    ['drain --tunnel t1', { name: 'drain', tunnel: 't1', deadlineMs: 600_000, wait: true }],
    ['drain --tunnel t1 --deadline 5s --no-wait', { name: 'drain', tunnel: 't1', deadlineMs: 5_000, wait: false }],
    ['undrain --tunnel t1', { name: 'undrain', tunnel: 't1' }],
    ['move 1', { name: 'move', meeting: '1', participant: '', from: '', toRouter: '', toWorker: undefined }],
    [
      'move 1 --participant p --to r2/3',
      { name: 'move', meeting: '1', participant: 'p', from: '', toRouter: 'r2', toWorker: 3 },
    ],
    [
      'move 1 --from r1/0 --to anywhere',
      { name: 'move', meeting: '1', participant: '', from: 'r1/0', toRouter: '', toWorker: undefined },
    ],
    ['kick 1 p --reason loud', { name: 'kick', meeting: '1', participant: 'p', reason: 'loud' }],
  ])('%s', (line, question) => {
    expect(parse(line)).toMatchObject({ question, json: false });
  });

  test('where the zone is, and how to answer', () => {
    const nowhere = { controller: undefined, ca: undefined, cert: undefined, key: undefined, config: undefined };
    expect(parse('status')).toMatchObject({ connection: nowhere });
    expect(
      parse('status --controller a:1 --controller [::1]:2 --ca c --cert d --key e --config f --json'),
    ).toMatchObject({
      json: true,
      connection: { controller: ['a:1', '[::1]:2'], ca: 'c', cert: 'd', key: 'e', config: 'f' },
    });
  });

  test.each([
    ['status now', '"zonectl status" does not take "now".'],
    ['participants', 'MEETING is missing.'],
    ['explain', 'MEETING is missing.'],
    ['explain 1 --new', '"zonectl explain" does not take "1".'],
    ['explain --new --people many', '--people takes a number'],
    ['explain --new --near rack', '--near takes LABEL=VALUE'],
    ['drain', 'ROUTER or --tunnel TUNNEL is missing.'],
    ['drain r1 --tunnel t1', '"zonectl drain" does not take "r1".'],
    ['drain r1 --deadline 10', '--deadline takes a time such as 90s'],
    ['drain r1 --deadline 0s', '--deadline takes a time'],
    ['move 1 --to r1/x', '--to takes ROUTER, ROUTER/WORKER or anywhere'],
    ['kick 1', 'PARTICIPANT is missing.'],
    ['meetings --limit 0', '--limit takes a number from 1'],
    ['status --controller here', '--controller takes host:port, not "here".'],
    ['status --deadline 1m', "Unknown option '--deadline'."],
  ])('%s is explained', (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });

  test.each(OPERATOR_COMMANDS)('%s has a help that fits a terminal', (name) => {
    expect(parse(`${name} --help`)).toBe('help');
    const help = operatorHelp(name);
    expect(help).toContain(`zonectl ${name}`);
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
