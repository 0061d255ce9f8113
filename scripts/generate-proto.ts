/**
 * `npm run proto`: writes the TypeScript types of `proto/*.proto` to `proto/gen/` (committed, so that nothing is
 * generated at installation). The options must agree with PROTO_LOAD_OPTIONS in `proto/load.ts`, which decide what the
 * messages look like at run time.
 *
 * Usage: node scripts/generate-proto.ts [output directory]
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url));
const PROTO_FILES = ['admin.proto', 'cascade.proto', 'global.proto', 'meetings.proto', 'router.proto', 'zone.proto'];

/** Empties `outputDirectory` (absolute) and writes the generated types there. Throws when the generator fails. */
export function generateProto(outputDirectory: string): void {
  rmSync(outputDirectory, { recursive: true, force: true });
  const generator = createRequire(import.meta.url).resolve('@grpc/proto-loader/build/bin/proto-loader-gen-types.js');
  execFileSync(
    process.execPath,
    [
      generator,
      '--longs=Number',
      '--enums=String',
      '--defaults',
      '--oneofs',
      '--grpcLib=@grpc/grpc-js',
      // Node runs the files as they are, so imports must name the .ts files.
      '--importFileExtension=.ts',
      `--outDir=${outputDirectory}`,
      '--includeDirs',
      'proto',
      '--',
      ...PROTO_FILES,
    ],
    // The generator writes the path of the .proto file into its output: relative, so that it is the same everywhere.
    { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

if (import.meta.main) generateProto(resolve(process.argv[2] ?? join(REPOSITORY, 'proto/gen')));
