import { readFile } from 'node:fs/promises';
import { type Command, Option } from 'commander';
import type { PredictionInput, Predictions } from '../client/deployments.ts';
import { asking, remoteCommand } from './kit/command.ts';
import type { Terminal } from './kit/terminal.ts';
import { count } from './kit/words.ts';

interface Options {
  readonly env: string;
  readonly csv?: string;
  readonly records?: string;
}

/** `cellar predict`: asks the champion of a service. */
export function predictCommand(terminal: Terminal): Command {
  return remoteCommand(terminal, 'predict', {
    summary: 'Ask the champion of a service for predictions, one a line, and say which version made them.',
    examples: [
      'cellar predict wine --env prod --csv rows.csv',
      [`cellar predict wine --env prod --records '[{"Alcohol": 13.2}]'`, 'rows as JSON'],
    ],
  })
    .argument('<SERVICE>', 'name of the service')
    .requiredOption('--env <ENVIRONMENT>', 'environment it is served on')
    .addOption(new Option('--csv <FILE>', 'rows, with the names of the columns in the first line').conflicts('records'))
    .option('--records <JSON>', 'rows as a list of objects')
    .action(
      asking<[string, Options]>(terminal, async (client, service, { env, csv, records }) => {
        const answer = await client.predict(env, service, await inputOf(csv, records));
        return { value: answer, text: () => shown(answer) };
      }),
    );
}

async function inputOf(csv: string | undefined, records: string | undefined): Promise<PredictionInput> {
  if (csv !== undefined) return { csv: await readFile(csv, 'utf8') };
  if (records === undefined) throw new Error('There are no rows: give --csv FILE or --records JSON.');
  return { records: JSON.parse(records) };
}

function shown({ predictions, registeredModel, version, decisionId }: Predictions): string {
  const list = Array.isArray(predictions) ? predictions : [predictions];
  const lines = list.map((each) => `${typeof each === 'string' ? each : JSON.stringify(each)}\n`).join('');
  return `${lines}${count(list.length, 'prediction')} by ${registeredModel} version ${version} (decision ${decisionId})\n`;
}
