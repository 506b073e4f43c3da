import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Database } from '../../src/database/database.js';

/** A node of a plan as EXPLAIN (ANALYZE, FORMAT JSON) writes it. */
export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  'Recheck Cond'?: string;
  Filter?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** What a statement did: the nodes of its plan, outermost first, and the plan as a few lines to read. */
export interface Plan {
  nodes: PlanNode[];
  lines: string;
}

const SETTINGS = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};

/**
 * A Database whose server tells the plan of every statement that it has run, with the values, on the connection and
 * in the way (prepared or not) in which the stores ran it. Needs a superuser and PostgreSQL's own auto_explain.
 */
export function openExplainedDatabase(url: string): { database: Database; takePlans: () => Promise<Plan[]> } {
  const explained = new URL(url);
  explained.searchParams.set(
    'options',
    Object.entries(SETTINGS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  );
  const database = new Database({ url: explained.href, poolSize: 1 });
  let plans: Plan[] = [];
  database['pool'].on('connect', (client: pg.PoolClient) => {
    client.on('notice', ({ message = '' }) => {
      const at = message.indexOf('{');
      if (!message.includes('plan:') || at < 0) return;
      const told = JSON.parse(message.slice(at)) as { Plan: PlanNode };
      plans.push({ nodes: nodesOf(told.Plan), lines: linesOf(told.Plan).join('\n') });
    });
  });
  const takePlans = async () => {
    // The plan of a transaction's last statement comes with its end, for which nobody waits who only reads.
    while (database['pool'].idleCount < database['pool'].totalCount) await sleep(1);
    const taken = plans;
    plans = [];
    return taken;
  };
  return { database, takePlans };
}

/** A line a node: what it reads by which index, how many rows it gave and dropped, and its conditions. */
function linesOf(node: PlanNode, depth = 0): string[] {
  const by = node['Index Name'] ? ` by ${node['Index Name']}` : '';
  const on = node['Relation Name'] ? ` on ${node['Relation Name']}` : '';
  const dropped = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const rows = `${node['Actual Rows']} rows, ${dropped} dropped, ${node['Actual Loops']} times`;
  const conditions = [node['Index Cond'], node['Recheck Cond'], node.Filter].filter((text) => text !== undefined);
  const shown = conditions.map((text) => (text.length > 160 ? `${text.slice(0, 160)} …` : text)).join(' | ');
  const line = `${'  '.repeat(depth)}${node['Node Type']}${by}${on}: ${rows}${shown && `: ${shown}`}`;
  return [line, ...(node.Plans ?? []).flatMap((child) => linesOf(child, depth + 1))];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** Rows that a node looked at, in all its runs. */
export function rowsRead(node: PlanNode): number {
  const dropped = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return (node['Actual Rows'] + dropped) * node['Actual Loops'];
}
