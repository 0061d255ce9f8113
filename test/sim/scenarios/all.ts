/** Every scenario, in the order in which they are run and reported. */
import type { Scenario } from '../report/scenario.ts';
import { crowd } from './crowd.ts';
import { impairedSenderScenarios } from './impaired-sender.ts';
import { meetingScenarios } from './meeting.ts';
import { rfc8867Scenarios } from './rfc8867.ts';
import { trunkScenarios } from './trunk.ts';

export const scenarios: readonly Scenario[] = [
  ...rfc8867Scenarios,
  ...impairedSenderScenarios,
  ...meetingScenarios,
  ...trunkScenarios,
  crowd,
];
