/** People on bad networks for a while: `node http-tunnel/media/soak.ts [sessions = 30] [seconds = 60] [seed]`. Fails when something is wrong. */
import { soak } from './testing/soak.ts';

const [sessions = 30, seconds = 60, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
console.log(`${sessions} sessions for ${seconds} s, seed ${seed}`);
const cpu = process.cpuUsage();
const report = await soak({ sessions, seconds, seed });
const { user, system } = process.cpuUsage(cpu);
console.log(report);
const grownBytes = report.heapBytes.late - report.heapBytes.early;
console.log(
  `memory grew by ${(grownBytes / 1e6).toFixed(1)} MB; ${((user + system) / 1e6).toFixed(0)} s of CPU, clients included`,
);
const isLeft = Object.values(report.left).some((count) => count > 0);
process.exit(report.faults.length > 0 || isLeft || grownBytes > 32e6 ? 1 : 0);
