/** What commands of test/ do with their arguments. */
import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
/** Of options without `help`, which every command has. */
type Values<Config extends Options> = ReturnType<typeof parseArgs<{ options: Config }>>['values'];

/**
 * What `read` makes of the process's arguments. Ends the process when its help is asked for (exit code 0), and when the arguments cannot
 * be used (2): what `read` throws is for the user.
 */
export function readArguments<Config extends Options, Read>(
  help: string,
  options: Config,
  read: (values: Values<Config>) => Read,
): Read {
  try {
    const config: Options = { ...options, help: { type: 'boolean' } };
    const { values } = parseArgs({ options: config });
    if (!values.help) return read(values as Values<Config>); // those of the options, and no help
    process.stdout.write(help);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${help}`);
    process.exit(2);
  }
}

const MOST = 2 ** 32 - 1;

export function wholeNumber(option: string, text: string, least = 0, most = MOST): number {
  if (/^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new Error(`--${option} takes a whole number of ${least} to ${most}, not '${text}'`);
}

/** As `wholeNumber`, of an option that need not be given. */
export function optionalNumber(option: string, text: string | undefined, least = 0, most = MOST): number | undefined {
  return text === undefined ? undefined : wholeNumber(option, text, least, most);
}

/** Names out of those that there are. */
export function chosenFrom<Name extends string>(
  option: string,
  names: readonly string[],
  all: readonly Name[],
): Name[] {
  return names.map((name) => {
    const found = all.find((each) => each === name);
    if (found === undefined) throw new Error(`--${option}: '${name}' is none of ${all.join(' ')}`);
    return found;
  });
}
