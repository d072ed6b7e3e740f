import { noRedis } from './redis-path.js';

/**
 * What a database of messages can look like, and how it is read.
 * @typedef {object} Form
 * @property {import('../../src/config.ts').Config['readStrategy']} strategy
 * @property {boolean} partitioned
 */

/**
 * That of `npm test`.
 * @type {Form}
 */
export const USUAL = { strategy: 'normalized', partitioned: false };

/**
 * The others: `npm run test:forms` runs in each.
 * @type {readonly Form[]}
 */
export const FORMS = [
  { strategy: 'normalized', partitioned: true },
  { strategy: 'denormalized', partitioned: false },
  { strategy: 'denormalized', partitioned: true },
  { strategy: 'cached', partitioned: false },
  { strategy: 'cached', partitioned: true },
  { strategy: 'materialized', partitioned: false },
  { strategy: 'materialized', partitioned: true },
];

/** Why a form cannot be tested here; `null` when it can. */
export const whyNot = (/** @type {Form} */ { strategy }) => (strategy === 'cached' ? noRedis : null);

export const nameOf = (/** @type {Form} */ { strategy, partitioned }) =>
  `${strategy}${partitioned ? '_partitioned' : ''}`;
