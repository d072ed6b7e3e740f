import { builder } from './builder.ts';
import { givingIdsAtOnce } from './ids-at-once.ts';
import './date-time.ts';
import './nodes.ts';
import './user/queries.ts';
import './message/queries.ts';
import './message/mutations.ts';
import './conversation/queries.ts';
import './conversation/mutations.ts';
import './inbox/events.ts';
import './inbox/fields.ts';
import './report/report.ts';

/** The whole API. Its printed form is schema.graphql. */
export const schema = givingIdsAtOnce(builder.toSchema());
