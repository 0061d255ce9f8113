/** What a command that measures prints: numbers, one JSON object a line, or words. */
export type Say = (numbers: object, words?: string) => void;

/** Numbers also where there are no words. */
export function sayer(isJson: boolean): Say {
  return (numbers, words) =>
    void process.stdout.write(`${isJson || words === undefined ? JSON.stringify(numbers) : words}\n`);
}
