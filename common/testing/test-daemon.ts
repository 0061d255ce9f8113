/** A daemon that does nothing, for tests of what is around daemons: its drain and its stop take as long as told. */
import { z } from 'zod';
import { loadConfig } from '../config.ts';
import { daemonFields } from '../config-fields.ts';
import { runDaemon } from '../daemon.ts';

const schema = z.strictObject({
  /** What waits for ever. */
  hangs: z.enum(['drain', 'stop', 'nothing']).default('nothing'),
  ...daemonFields,
});

await runDaemon({
  name: 'test-daemon',
  help: 'Usage: node common/testing/test-daemon.ts --config FILE\n',
  load: (path) => loadConfig(path, schema),
  logName: () => 'test',
  make: ({ hangs }, log) => {
    // A promise alone does not keep a process.
    const forever = (): Promise<void> => new Promise(() => setInterval(() => undefined, 60_000));
    return {
      start: async () => log.info('started'),
      drain: async (deadlineMs) => {
        log.info({ deadlineMs }, 'drain asked for');
        if (hangs === 'drain') await forever();
      },
      stop: async () => {
        log.info('stop asked for');
        if (hangs === 'stop') await forever();
      },
      readinessProblems: () => [],
      files: [],
    };
  },
});
