import * as gcp from '@pulumi/gcp';
import type * as pulumi from '@pulumi/pulumi';
import { eventParked } from '../../contracts/kit/event-parked.ts';
import type { Settings } from '../settings.ts';
import { DEAD_LETTERS } from './naming.ts';

interface Alert {
  id: string;
  displayName: string;
  /** What whoever is woken should do. */
  advice: string;
  filter: string;
  threshold: number;
  /** How long it must last. */
  durationSeconds: number;
  aligner: 'ALIGN_DELTA' | 'ALIGN_RATE' | 'ALIGN_MAX' | 'ALIGN_PERCENTILE_95';
  reducer: 'REDUCE_SUM' | 'REDUCE_MAX' | 'REDUCE_MEAN';
  groupBy: string[];
  /** Measured against this; the threshold is then a share. */
  denominator?: string;
}

const REQUESTS = 'resource.type = "cloud_run_revision" AND metric.type = "run.googleapis.com/request_count"';
const OLDEST_UNACKED_SECONDS = 300;
const P95_MILLISECONDS = 1_000;
const SERVER_ERROR_SHARE = 0.01;

const ALERTS: readonly Alert[] = [
  {
    id: 'dead-letters',
    displayName: 'A message was dead-lettered',
    advice:
      'A consumer failed a hundred times. GET /v1/admin/dead-letters says which and why; redrive when the cause is gone.',
    filter: publishesTo(DEAD_LETTERS),
    threshold: 0,
    durationSeconds: 0,
    aligner: 'ALIGN_DELTA',
    reducer: 'REDUCE_SUM',
    groupBy: [],
  },
  {
    id: 'parked-events',
    displayName: 'An event was parked',
    advice:
      'A consumer can never process an event as it is, and later events of its key may wait behind it. Fix, then redrive.',
    filter: publishesTo(eventParked.topic),
    threshold: 0,
    durationSeconds: 0,
    aligner: 'ALIGN_DELTA',
    reducer: 'REDUCE_SUM',
    groupBy: [],
  },
  {
    id: 'oldest-unacked',
    displayName: 'A consumer is behind',
    advice: 'Messages of a subscription wait: its function is failing or too small.',
    filter:
      'resource.type = "pubsub_subscription" AND metric.type = "pubsub.googleapis.com/subscription/oldest_unacked_message_age"',
    threshold: OLDEST_UNACKED_SECONDS,
    durationSeconds: 120,
    aligner: 'ALIGN_MAX',
    reducer: 'REDUCE_MAX',
    groupBy: ['resource.label.subscription_id'],
  },
  {
    id: 'server-errors',
    displayName: 'More than 1 % of requests to a function fail',
    advice: 'The function logs each failure with its trace.',
    filter: `${REQUESTS} AND metric.label.response_code_class = "5xx"`,
    denominator: REQUESTS,
    threshold: SERVER_ERROR_SHARE,
    durationSeconds: 300,
    aligner: 'ALIGN_RATE',
    reducer: 'REDUCE_SUM',
    groupBy: ['resource.label.service_name'],
  },
  {
    id: 'failed-jobs',
    displayName: 'An execution of a job failed',
    advice:
      'Every attempt of it ended with an error: its log says which. What it was to do is asked after by its effect.',
    filter:
      'resource.type = "cloud_run_job" AND metric.type = "run.googleapis.com/job/completed_execution_count" AND metric.label.result = "failed"',
    threshold: 0,
    durationSeconds: 0,
    aligner: 'ALIGN_DELTA',
    reducer: 'REDUCE_SUM',
    groupBy: ['resource.label.job_name'],
  },
  {
    id: 'latency-p95',
    displayName: 'A function answers slowly',
    advice: 'Its 95th percentile is above a second. Look at its traces: database, a call, or cold starts.',
    filter: 'resource.type = "cloud_run_revision" AND metric.type = "run.googleapis.com/request_latencies"',
    threshold: P95_MILLISECONDS,
    durationSeconds: 600,
    aligner: 'ALIGN_PERCENTILE_95',
    reducer: 'REDUCE_MAX',
    groupBy: ['resource.label.service_name'],
  },
];

/** What wakes somebody. Without an `alertEmail` the policies exist and tell nobody. */
export function createAlerts({ alertEmail }: Settings): void {
  const channels =
    alertEmail === undefined
      ? []
      : [
          new gcp.monitoring.NotificationChannel('alert-email', {
            displayName: 'Whoever is on call',
            type: 'email',
            labels: { email_address: alertEmail },
          }),
        ];
  for (const alert of ALERTS) createAlert(alert, channels);
}

function createAlert(alert: Alert, channels: readonly gcp.monitoring.NotificationChannel[]): void {
  const aggregation = {
    alignmentPeriod: '60s',
    perSeriesAligner: alert.aligner,
    crossSeriesReducer: alert.reducer,
    groupByFields: alert.groupBy,
  };
  new gcp.monitoring.AlertPolicy(alert.id, {
    displayName: alert.displayName,
    combiner: 'OR',
    documentation: { content: alert.advice, mimeType: 'text/markdown' },
    notificationChannels: channels.map((channel): pulumi.Output<string> => channel.name),
    conditions: [
      {
        displayName: alert.displayName,
        conditionThreshold: {
          filter: alert.filter,
          comparison: 'COMPARISON_GT',
          thresholdValue: alert.threshold,
          duration: `${alert.durationSeconds}s`,
          aggregations: [aggregation],
          ...(alert.denominator === undefined
            ? {}
            : { denominatorFilter: alert.denominator, denominatorAggregations: [aggregation] }),
        },
      },
    ],
  });
}

function publishesTo(topic: string): string {
  return `resource.type = "pubsub_topic" AND resource.label.topic_id = "${topic}" AND metric.type = "pubsub.googleapis.com/topic/send_message_operation_count"`;
}
