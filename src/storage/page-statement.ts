import type { Timestamp } from '../lib/rfc3339.ts';
import type { UserId } from '../messaging/ids.ts';
import type { User, WithPeople } from '../messaging/model.ts';
import type { Page, PageRequest } from '../messaging/page.ts';
import type { Executor } from './executor.ts';
import { NEWEST, OLDEST } from './rows.ts';
import type { Columns, Statement } from './statement.ts';

interface PageSource<Item> {
  readonly name: string;
  /**
   * The list whose page is asked for: the names of its columns, and what selects it, as in `wanted.viewer`. All are ids of
   * users, who come with the pages: in rows of their own, unless the items bring them.
   */
  readonly selectors: readonly string[];
  /** The ends of that list as a query: at least `limit` rows from each part of it. */
  readonly list: (keyCondition: string, order: string, limit: string) => string;
  /** The two columns of `list` that hold a position. */
  readonly key: readonly [time: string, number: string];
  /**
   * What an item is made of: a number that is never null, a text, a time, and whatever else. From `page`, and from what
   * `join` adds to it.
   */
  readonly columns: readonly string[];
  /** What else an item is made of: conditions, each of which becomes a bit of a number. */
  readonly flags: readonly string[];
  readonly join?: string;
  /** What is joined before the page is cut, for `list` to refer to: once for each page. */
  readonly beforePage?: string;
  readonly item: ReadItem<Item>;
  /** The users whom an item brings, where items do: then they are not looked up, and an empty page brings nobody. */
  readonly peopleOf?: ReadItem<readonly User[]>;
}

/** @param flags the first one's bit is 1, the next one's 2, … @param list which list it stands in */
type ReadItem<Read> = (columns: Columns, at: number, flags: number, list: readonly number[]) => Read;

/** One page of one list, which is given by ids in the order of the source's selectors. */
export interface WantedPage {
  readonly list: readonly number[];
  readonly page: PageRequest;
}

/** Where the item begins in a row. Before it stands the row's head, see `headOf`. */
const ITEM_AT = 1;

/**
 * Users, in rows like those of items; their heads are below zero. They may come anywhere among the items, which keep their
 * own order.
 */
function people(ids: string, columns: readonly string[]): string {
  const others = columns.slice(3).map(() => ', NULL');
  return `SELECT -u.id, NULL, u.username, u.created_at${others.join('')} FROM users u WHERE u.id = ANY (${ids})`;
}

function personIn(row: Columns): User {
  const [head, , username, createdAt] = row as readonly [number, null, string, Timestamp, ...null[]];
  return { id: -head as UserId, username, createdAt };
}

/**
 * The place in the request's arrays (from 1 on), whether rows stand newer and older than the page, and the item's flags,
 * all in one number: each column of each row has to be read.
 */
function headOf(flags: readonly string[]): string {
  const bits = flags.map((flag, i) => ` + coalesce(${flag}, false)::int * ${1 << i}`);
  const place = 'wanted.position::int * 4 + beyond.newer::int * 2 + beyond.older::int';
  return `(${place}) * ${1 << flags.length}${bits.join('')}`;
}

/**
 * How a page is cut from its list: pages that are cut alike share a statement. The one of a page without cursors does not
 * look beyond its ends, which, for messages in many partitions, is most of what it costs.
 */
export type Cut = `${'desc' | 'asc'}${'' | '_after'}${'' | '_before'}`;

export const CUTS: readonly Cut[] = ['desc', 'asc'].flatMap((order) =>
  ['', '_after', '_before', '_after_before'].map((cursors) => `${order}${cursors}` as Cut),
);

export function cutOf({ direction, after, before }: PageRequest): Cut {
  const order = direction === 'forward' ? 'desc' : 'asc';
  return `${order}${after === null ? '' : '_after'}${before === null ? '' : '_before'}`;
}

/**
 * Reads pages by keyset, one for each place in its parameters, which are arrays: the requests of many viewers share one
 * statement. And for each page whether rows stand at or beyond its cursors, in the same snapshot. $1, $2 are the position
 * that the page comes after (is older than), $3, $4 the one that it comes before, $5 the number of rows, then come the
 * selectors. Where there is no cursor a page is bounded by what no row reaches.
 */
function pageStatement<Item>(source: PageSource<Item>, cut: Cut): Statement<Columns> {
  const order = cut.startsWith('desc') ? 'DESC' : 'ASC';
  const [time, number] = source.key;
  const key = `(${time}, ${number})`;
  const after = '(wanted.after_time, wanted.after_number)';
  const before = '(wanted.before_time, wanted.before_number)';
  const list = (keyCondition: string, direction: 'ASC' | 'DESC', limit: string) =>
    source.list(keyCondition, `${time} ${direction}, ${number} ${direction}`, limit);
  // Said of the time alone, too: that is what PostgreSQL leaves partitions out by.
  const [from, until] = [`${time} >= wanted.before_time`, `${time} <= wanted.after_time`];
  const newer = `EXISTS (${list(`${key} >= ${after} AND ${time} >= wanted.after_time`, 'ASC', '1')})`;
  const older = `EXISTS (${list(`${key} <= ${before} AND ${time} <= wanted.before_time`, 'DESC', '1')})`;
  const range = `${key} < ${after} AND ${key} > ${before} AND ${from} AND ${until}`;
  const selectors = source.selectors.map((_, i) => `$${i + 6}::int[]`);
  return {
    name: `${source.name}_${cut}`,
    text: `${source.peopleOf ? '' : `${people(selectors.join(' || '), source.columns)} UNION ALL`}
      (SELECT ${headOf(source.flags)}, ${source.columns.join(', ')}
      FROM unnest($1::timestamptz[], $2::bigint[], $3::timestamptz[], $4::bigint[], $5::int[], ${selectors.join(', ')})
        WITH ORDINALITY AS wanted (after_time, after_number, before_time, before_number, size,
          ${source.selectors.join(', ')}, position)${source.beforePage ?? ''}
      CROSS JOIN LATERAL (
        SELECT ${cut.includes('_after') ? newer : 'false'} AS newer, ${cut.includes('_before') ? older : 'false'} AS older
        OFFSET 0 -- else they are looked for once for each row of the page
      ) beyond
      LEFT JOIN LATERAL (
        SELECT * FROM (${list(range, order, 'wanted.size')}) list
        ORDER BY ${time} ${order}, ${number} ${order} LIMIT wanted.size
      ) page ON true ${source.join ?? ''}
      ORDER BY wanted.position, page.${time} ${order}, page.${number} ${order})`,
    row: (columns) => columns,
  };
}

/** A reader of pages of lists of one kind. They come newest first, whichever end they were cut from. */
export function pageReader<Item>(source: PageSource<Item>) {
  const statements = new Map(CUTS.map((cut) => [cut, pageStatement(source, cut)]));
  const flags = source.flags.length;
  const flagBits = (1 << flags) - 1;
  const headBits = flags + 2;

  /** All of them are cut alike. */
  return async (
    executor: Executor,
    cut: Cut,
    wanted: readonly WantedPage[],
  ): Promise<readonly (Page<Item> & WithPeople)[]> => {
    const columns = [
      wanted.map(({ page }) => (page.after ?? NEWEST).createdAt),
      wanted.map(({ page }) => (page.after ?? NEWEST).number),
      wanted.map(({ page }) => (page.before ?? OLDEST).createdAt),
      wanted.map(({ page }) => (page.before ?? OLDEST).number),
      // One row more than asked for shows whether there is one.
      wanted.map(({ page }) => page.limit + 1),
      ...source.selectors.map((_, i) => wanted.map(({ list }) => list[i])),
    ];
    const found: Columns[][] = wanted.map(() => []);
    const met = new Map<number, User>();
    for (const row of await executor.run(statements.get(cut) as Statement<Columns>, columns)) {
      const head = row[0] as number;
      if (head < 0) met.set(-head, personIn(row));
      else found[(head >> headBits) - 1]?.push(row);
    }
    return wanted.map((each, i) => toPage(each, found[i] ?? [], met));
  };

  function peopleIn([row]: readonly Columns[], list: readonly number[]): readonly User[] {
    if (row === undefined || row[ITEM_AT] === null) return [];
    return source.peopleOf?.(row, ITEM_AT, (row[0] as number) & flagBits, list) ?? [];
  }

  function toPage(
    { list, page: { direction, limit } }: WantedPage,
    rows: readonly Columns[],
    met: ReadonlyMap<number, User>,
  ): Page<Item> & WithPeople {
    const forward = direction === 'forward';
    const items: Item[] = [];
    for (const row of rows)
      if (row[ITEM_AT] !== null) items.push(source.item(row, ITEM_AT, (row[0] as number) & flagBits, list));
    const more = items.length > limit;
    if (more) items.pop();
    const beyond = ((rows[0]?.[0] ?? 0) as number) >> flags;
    return {
      items: forward ? items : items.reverse(),
      hasNextPage: (forward && more) || (beyond & 1) !== 0,
      hasPreviousPage: (!forward && more) || (beyond & 2) !== 0,
      people: source.peopleOf ? peopleIn(rows, list) : list.flatMap((id) => met.get(id) ?? []),
    };
  }
}
