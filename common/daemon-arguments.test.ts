import { describe, expect, test } from 'vitest';
import { OPTIONS_HELP, readDaemonArguments } from './daemon-arguments.ts';

describe('command line of a daemon', () => {
  test.each([
    [['--config', 'a.yaml'], { type: 'run', config: 'a.yaml', isCheck: false }],
    [['--check-config', '--config=a.yaml'], { type: 'run', config: 'a.yaml', isCheck: true }],
    [['--version'], { type: 'version' }],
    [['-h'], { type: 'help' }],
    [['--config', 'a.yaml', '--help'], { type: 'help' }],
    [[], { type: 'wrong', message: '--config FILE is missing.' }],
    [['--check-config'], { type: 'wrong', message: '--config FILE is missing.' }],
    [['--fast'], { type: 'wrong', message: "Unknown option '--fast'." }],
    [['a.yaml'], { type: 'wrong', message: expect.stringContaining("'a.yaml'") }],
  ])('%j', (args, command) => {
    expect(readDaemonArguments(args)).toEqual(command);
  });

  test('the help names every option and fits a terminal', () => {
    for (const option of ['--config', '--check-config', '--version', '--help']) expect(OPTIONS_HELP).toContain(option);
    for (const line of OPTIONS_HELP.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });
});
