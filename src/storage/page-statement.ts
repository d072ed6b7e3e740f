import type { Page, PageRequest } from '../messaging/page.ts';
import type { Executor } from './executor.ts';
import { NEWEST, OLDEST } from './rows.ts';
import type { Columns, Statement } from './statement.ts';

interface PageSource<Item> {
  readonly name: string;
  /** The list whose page is asked for: the names of its columns, and what selects it, as in `wanted.viewer`. */
  readonly selectors: readonly string[];
  /** The ends of that list as a query: at least `limit` rows from each part of it. */
  readonly list: (keyCondition: string, order: string, limit: string) => string;
  /** The two columns of `list` that hold a position. */
  readonly key: readonly [time: string, number: string];
  /** What `item` is made of; the first is never null. From `page`, and from what `join` adds to it. */
  readonly columns: string;
  readonly join?: string;
  readonly item: (columns: Columns, at: number) => Item;
}

/** One page of one list, which is given by ids in the order of the source's selectors. */
export interface WantedPage {
  readonly list: readonly number[];
  readonly page: PageRequest;
}

interface PageRow<Item> {
  /** In the request's arrays, from 1 on. */
  readonly position: number;
  readonly newer: boolean;
  readonly older: boolean;
  readonly item: Item | null;
}

/** What all rows of a page have in common is one number: each column of each row has to be read. */
const HEAD = 'wanted.position::int * 4 + beyond.newer::int * 2 + beyond.older::int';
const ITEM_AT = 1;

/**
 * Reads pages by keyset, one for each place in its parameters, which are arrays: the requests of many viewers share one
 * statement. And for each page whether rows stand at or beyond its bounds, in the same snapshot. $1, $2 are the position
 * that the page comes after (is older than), $3, $4 the one that it comes before, $5 the number of rows, then come the
 * selectors. The bounds are always given, so that one plan serves every page.
 */
function pageStatement<Item>(source: PageSource<Item>, order: 'ASC' | 'DESC'): Statement<PageRow<Item>> {
  const [time, number] = source.key;
  const key = `(${time}, ${number})`;
  const after = '(wanted.after_time, wanted.after_number)';
  const before = '(wanted.before_time, wanted.before_number)';
  const list = (keyCondition: string, direction: 'ASC' | 'DESC', limit: string) =>
    source.list(keyCondition, `${time} ${direction}, ${number} ${direction}`, limit);
  const selectors = source.selectors.map((_, i) => `$${i + 6}::int[]`).join(', ');
  return {
    name: `${source.name}_${order.toLowerCase()}`,
    text: `
      SELECT ${HEAD}, ${source.columns}
      FROM unnest($1::timestamptz[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::int[], ${selectors})
        WITH ORDINALITY AS wanted (after_time, after_number, before_time, before_number, size,
          ${source.selectors.join(', ')}, position)
      CROSS JOIN LATERAL (
        SELECT EXISTS (${list(`${key} >= ${after}`, 'ASC', '1')}) AS newer,
          EXISTS (${list(`${key} <= ${before}`, 'DESC', '1')}) AS older
        OFFSET 0 -- else they are looked for once for each row of the page
      ) beyond
      LEFT JOIN LATERAL (
        SELECT * FROM (${list(`${key} < ${after} AND ${key} > ${before}`, order, 'wanted.size')}) list
        ORDER BY ${time} ${order}, ${number} ${order} LIMIT wanted.size
      ) page ON true ${source.join ?? ''}
      ORDER BY wanted.position, page.${time} ${order}, page.${number} ${order}`,
    row: (columns) => {
      const head = columns[0] as number;
      return {
        position: head >> 2,
        newer: (head & 2) !== 0,
        older: (head & 1) !== 0,
        item: columns[ITEM_AT] === null ? null : source.item(columns, ITEM_AT),
      };
    },
  };
}

/** A reader of pages of lists of one kind. They come newest first, whichever end they were cut from. */
export function pageReader<Item>(source: PageSource<Item>) {
  const statements = {
    forward: pageStatement(source, 'DESC'),
    backward: pageStatement(source, 'ASC'),
  };

  /** All in one direction. */
  return async (
    executor: Executor,
    direction: PageRequest['direction'],
    wanted: readonly WantedPage[],
  ): Promise<readonly Page<Item>[]> => {
    const columns = [
      wanted.map(({ page }) => (page.after ?? NEWEST).createdAt),
      wanted.map(({ page }) => (page.after ?? NEWEST).number),
      wanted.map(({ page }) => (page.before ?? OLDEST).createdAt),
      wanted.map(({ page }) => (page.before ?? OLDEST).number),
      // One row more than asked for shows whether there is one.
      wanted.map(({ page }) => page.limit + 1),
      ...source.selectors.map((_, i) => wanted.map(({ list }) => list[i])),
    ];
    const found: PageRow<Item>[][] = wanted.map(() => []);
    for (const row of await executor.run(statements[direction], columns)) found[row.position - 1]?.push(row);
    return wanted.map(({ page }, i) => toPage(page, found[i] ?? []));
  };
}

function toPage<Item>({ direction, limit }: PageRequest, rows: readonly PageRow<Item>[]): Page<Item> {
  const forward = direction === 'forward';
  const items: Item[] = [];
  for (const { item } of rows) if (item !== null) items.push(item);
  const more = items.length > limit;
  if (more) items.pop();
  const beyond = rows[0] ?? { newer: false, older: false };
  return {
    items: forward ? items : items.reverse(),
    hasNextPage: (forward && more) || beyond.older,
    hasPreviousPage: (!forward && more) || beyond.newer,
  };
}
