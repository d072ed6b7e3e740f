import type { Page, PageRequest } from '../messaging/page.ts';
import type { Executor } from './executor.ts';
import { NEWEST, OLDEST } from './rows.ts';
import type { Columns, Statement } from './statement.ts';

interface PageSource<Item> {
  readonly name: string;
  /** The ends of the list as a query: at least `limit` rows from each part of it. Its own parameters are $6 and up. */
  readonly list: (keyCondition: string, order: string, limit: string) => string;
  /** The two columns of `list` that hold a position. */
  readonly key: readonly [time: string, number: string];
  /** What `item` is made of; the first is never null. From `page`, and from what `join` adds to it. */
  readonly columns: string;
  readonly join?: string;
  readonly item: (columns: Columns) => Item;
}

type PageRow<Item> = { readonly newer: boolean; readonly older: boolean; readonly item: Item | null };

/**
 * Reads one page by keyset, and whether rows stand at or beyond its bounds, in one snapshot. $1, $2 are the position
 * that the page comes after (is older than), $3, $4 the one that it comes before, $5 the number of rows. The bounds
 * are always given, so that one plan serves every page.
 */
function pageStatement<Item>(source: PageSource<Item>, order: 'ASC' | 'DESC'): Statement<PageRow<Item>> {
  const [time, number] = source.key;
  const key = `(${time}, ${number})`;
  const after = '($1::timestamptz, $2::bigint)';
  const before = '($3::timestamptz, $4::bigint)';
  const list = (keyCondition: string, direction: 'ASC' | 'DESC', limit: string) =>
    source.list(keyCondition, `${time} ${direction}, ${number} ${direction}`, limit);
  return {
    name: `${source.name}_${order.toLowerCase()}`,
    text: `
      WITH page AS (
        SELECT * FROM (${list(`${key} < ${after} AND ${key} > ${before}`, order, '$5')}) list
        ORDER BY ${time} ${order}, ${number} ${order} LIMIT $5
      )
      SELECT beyond.newer, beyond.older, ${source.columns}
      FROM (
        SELECT EXISTS (${list(`${key} >= ${after}`, 'ASC', '1')}) AS newer,
          EXISTS (${list(`${key} <= ${before}`, 'DESC', '1')}) AS older
      ) beyond
      LEFT JOIN page ON true ${source.join ?? ''}
      ORDER BY page.${time} ${order}, page.${number} ${order}`,
    row: ([newer, older, ...columns]) => ({
      newer: newer as boolean,
      older: older as boolean,
      item: columns[0] === null ? null : source.item(columns),
    }),
  };
}

/** A reader of one list's pages. They come newest first, whichever end they were cut from. */
export function pageReader<Item>(source: PageSource<Item>) {
  const newestFirst = pageStatement(source, 'DESC');
  const oldestFirst = pageStatement(source, 'ASC');

  return async (executor: Executor, list: readonly unknown[], request: PageRequest): Promise<Page<Item>> => {
    const { direction, limit } = request;
    const after = request.after ?? NEWEST;
    const before = request.before ?? OLDEST;
    const forward = direction === 'forward';
    // One row more than asked for shows whether there is one.
    const bounds = [after.createdAt, after.number, before.createdAt, before.number, limit + 1];
    const rows = await executor.run(forward ? newestFirst : oldestFirst, [...bounds, ...list]);

    const found = rows.flatMap(({ item }) => (item === null ? [] : [item]));
    const more = found.length > limit;
    const items = found.slice(0, limit);
    const beyond = rows[0] ?? { newer: false, older: false };
    return {
      items: forward ? items : items.reverse(),
      hasNextPage: (forward && more) || beyond.older,
      hasPreviousPage: (!forward && more) || beyond.newer,
    };
  };
}
