/** One node of a plan, as EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) gives it. Rows are means over its loops. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly PlanNode[];
}

/** How one statement was run: one that was asked for, or one that a trigger, a foreign key or a function ran in it. */
export interface Plan {
  /** What it is prepared as, or else its text. */
  readonly statement: string;
  readonly root: PlanNode;
}

/** One access to a table. */
export interface Scan {
  readonly type: string;
  readonly table: string;
  /** Several where their bitmaps are combined. */
  readonly indexes: readonly string[];
  /** Rows, or entries of indexes, that it has looked at. A search that has found none counts as one. */
  readonly rows: number;
  /** Of 8 KiB, in memory or not. */
  readonly blocks: number;
}

export function scansOf(plan: Plan): Scan[] {
  return nodesOf(plan.root).flatMap((node) => {
    const table = node['Relation Name'];
    if (table === undefined || node['Node Type'] === 'ModifyTable') return [];
    const bitmaps = nodesOf(node).filter((part) => part['Node Type'] === 'Bitmap Index Scan');
    return [
      {
        type: node['Node Type'],
        table,
        indexes: [node, ...bitmaps].flatMap((part) => part['Index Name'] ?? []),
        rows: Math.max(rowsOf(node), total(bitmaps.map(rowsOf))),
        blocks: (node['Shared Hit Blocks'] ?? 0) + (node['Shared Read Blocks'] ?? 0),
      },
    ];
  });
}

export const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function rowsOf(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return Math.round(node['Actual Loops'] * Math.max(1, node['Actual Rows'] + removed));
}
