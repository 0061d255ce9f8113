/** Runs one operators' command against the global controllers: asks, and writes what people or scripts read. */
import type { Policy } from '../../proto/gen/zonecast/global/v1/Policy.ts';
import type { ExitCode } from './exit-codes.ts';
import type { OperatorCommand, PolicyTexts, WorldQuestion } from './operator-arguments.ts';
import { answer, list, type Output } from './run-command.ts';
import type { WorldClient } from './world-client.ts';
import { viewPolicies, viewRanking, viewTree, viewZones } from './world-views.ts';

const WORLD_COMMANDS: ReadonlySet<string> = new Set<WorldQuestion['name']>(['zones', 'policies', 'tree']);

export function isWorldQuestion(question: OperatorCommand['question']): question is WorldQuestion {
  return WORLD_COMMANDS.has(question.name);
}

/** @throws ZonectlError */
export async function runWorldCommand(world: WorldClient, question: WorldQuestion, output: Output): Promise<ExitCode> {
  switch (question.name) {
    case 'zones': {
      if ('meeting' in question) {
        const { meeting, own, rttMs } = question;
        const ranking = await world.explain({ meeting, own, rttMs });
        return answer(output, ranking, () => viewRanking(ranking.text));
      }
      if ('drained' in question) {
        const zone = await world.setDrained(question.zone, question.drained);
        return answer(output, zone, () => viewZones([zone]));
      }
      const { zones } = await world.zones();
      return list(output, { zones, isCut: false }, zones.length, () => viewZones(zones));
    }
    case 'policies': {
      if ('scope' in question) return setPolicy(world, question.scope, question.rules, output);
      const { policies } = await world.policies();
      return list(output, { policies, isCut: false }, policies.length, () => viewPolicies(policies));
    }
    case 'tree': {
      const tree = await world.tree(question.meeting);
      return answer(output, tree, () => viewTree(tree));
    }
  }
}

async function setPolicy(world: WorldClient, scope: string, texts: PolicyTexts, output: Output): Promise<ExitCode> {
  const { policies } = await world.policies();
  const revision = policies.find((each) => each.scope === scope)?.revision ?? 0;
  const policy = await world.setPolicy({ scope, revision, ...rulesOf(texts) });
  return answer(output, policy, () => viewPolicies([policy]));
}

function rulesOf({ residency, guests, overflow }: PolicyTexts): Policy {
  const isRule = overflow === 'never' || overflow === 'any';
  return {
    ...(residency !== '' && { residency }),
    ...(guests !== '' && { guests: { via: guests === 'none' ? '' : guests } }),
    ...(overflow !== '' && { overflow: isRule ? { rule: overflow } : { zone: overflow } }),
  };
}
