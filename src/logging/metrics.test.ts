import { expect, it } from 'vitest';
import { METRIC_SOURCES } from '../../test/support/metric-sources.js';
import { Metrics } from './metrics.js';

it('counts what it is told, and asks its sources when it is read', async () => {
  const metrics = new Metrics();
  metrics.readFrom(METRIC_SOURCES);
  metrics.requestAnswered('GET', '/api/v1/packages', 200, 0.003);
  metrics.operationEnded('publish', 'succeeded');
  metrics.gitOperationEnded('fetch', 1.5, 'timeout');
  metrics.synced('receiver');
  metrics.errorLogged('Operations');
  const text = await metrics.render();
  expect(text).toContain(
    'pkgserver_http_request_duration_seconds_count{method="GET",route="/api/v1/packages",status="200"} 1',
  );
  expect(text).toContain('pkgserver_operations_total{kind="publish",state="succeeded"} 1');
  expect(text).toContain('pkgserver_git_duration_seconds_count{operation="fetch",outcome="timeout"} 1');
  expect(text).toContain('pkgserver_operations{kind="sync",state="queued"} 3');
  expect(text).toContain('pkgserver_queue_depth{state="waiting"} 2');
  expect(text).toContain('pkgserver_oldest_operation_seconds{kind="push"} 90');
  expect(text).toContain('pkgserver_repositories{ready="False",reason="Unreachable"} 1');
  expect(text).toContain('pkgserver_proposals{lifecycle="proposed"} 4');
  expect(text).toContain('pkgserver_oldest_proposal_seconds{lifecycle="proposed"} 3600');
  expect(text).toContain('pkgserver_oldest_sync_seconds 12');
  expect(text).toContain('pkgserver_sync_overdue_seconds 3');
  expect(text).toContain('pkgserver_check{check="queue"} 0');
  expect(text).toContain('pkgserver_repository_sync_age_seconds{repository="blueprints"} 12');
  expect(text).toContain('pkgserver_database_connections{state="idle"} 2');
  expect(text).toContain('pkgserver_replica_serves{replica="replica:5432/pkgserver"} 1');
  expect(text).toContain('pkgserver_replica_lag_seconds{replica="replica:5432/pkgserver"} 0.5');
  expect(text).toContain('pkgserver_reads_total{from="replica"} 7');
  expect(text).toContain('pkgserver_unexpected_errors_total{part="Operations"} 1');
  // As standard dashboards know them.
  expect(text).toMatch(/^process_cpu_seconds_total /m);
  expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
  expect(text).not.toMatch(/^pkgserver_(process|nodejs)_/m);
  expect(text).toContain('pkgserver_webhook_deliveries{state="waiting"} 3');
  expect(text).toContain('pkgserver_drift{kind="tagMoved"} 2');
  expect(text).toContain('pkgserver_syncs_total{cause="receiver"} 1');
  expect(text).toContain('pkgserver_receiver_last_call_seconds{receiver="r-1",name="gitea"} 5');
});

it('leaves out a gauge that cannot be read, and forgets what it was', async () => {
  const metrics = new Metrics();
  metrics.readFrom(METRIC_SOURCES);
  await metrics.render();
  metrics.readFrom({ ...METRIC_SOURCES, operations: () => Promise.reject(new Error('database away')) });
  const text = await metrics.render();
  expect(text).not.toContain('state="queued"');
  expect(text).toContain('pkgserver_queue_depth{state="active"} 1');
});
