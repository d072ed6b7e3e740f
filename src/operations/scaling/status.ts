import { loadDatabase, loadReadStrategy } from '../../config.ts';
import { withSession } from '../../storage/scaling/session.ts';
import { survey } from '../../storage/scaling/survey.ts';
import { withDatabase } from '../database.ts';
import { type Assessment, assess } from './assessment.ts';
import { type Command, readOptions } from './command.ts';

import { describeStatus } from './describe-status.ts';
import { type Recommendation, recommend } from './recommend.ts';

/** What `--json` prints: bytes as bytes, times as seconds or days; what is not known is `null`. */
export interface Status extends Assessment {
  readonly recommendations: readonly Recommendation[];
}

export const STATUS: Command = {
  synopsis: '[--json]',
  does: 'Says how large the database is, how it grows and what to do next.',
  async run(args) {
    const { json } = readOptions(args, { json: { type: 'boolean', default: false } });
    const readStrategy = loadReadStrategy();
    const found = assess(await withDatabase(loadDatabase(), (url) => withSession(url, survey)), readStrategy);
    const status: Status = { ...found, recommendations: recommend(found) };
    process.stdout.write(json ? `${JSON.stringify(status, null, 2)}\n` : describeStatus(status));
  },
};
