import * as gcp from '@pulumi/gcp';
import { LOG_METRICS, METRIC_PREFIX } from './metrics.ts';

interface Chart {
  title: string;
  filter: string;
  aligner: string;
  reducer: string;
  groupBy: string;
}

const run = (metric: string) => `resource.type="cloud_run_revision" AND metric.type="run.googleapis.com/${metric}"`;
const subscription = (metric: string) =>
  `resource.type="pubsub_subscription" AND metric.type="pubsub.googleapis.com/subscription/${metric}"`;
const database = (metric: string) =>
  `resource.type="cloudsql_database" AND metric.type="cloudsql.googleapis.com/database/${metric}"`;

const BY_FUNCTION = 'resource.label.service_name';
const BY_SUBSCRIPTION = 'resource.label.subscription_id';

const CHARTS: readonly Chart[] = [
  {
    title: 'Requests',
    filter: run('request_count'),
    aligner: 'ALIGN_RATE',
    reducer: 'REDUCE_SUM',
    groupBy: BY_FUNCTION,
  },
  {
    title: 'Latency, 95th percentile',
    filter: run('request_latencies'),
    aligner: 'ALIGN_PERCENTILE_95',
    reducer: 'REDUCE_MAX',
    groupBy: BY_FUNCTION,
  },
  {
    title: 'Server errors',
    filter: `${run('request_count')} AND metric.label.response_code_class="5xx"`,
    aligner: 'ALIGN_RATE',
    reducer: 'REDUCE_SUM',
    groupBy: BY_FUNCTION,
  },
  {
    title: 'Instances',
    filter: run('container/instance_count'),
    aligner: 'ALIGN_MAX',
    reducer: 'REDUCE_SUM',
    groupBy: BY_FUNCTION,
  },
  {
    title: 'Oldest unacknowledged message',
    filter: subscription('oldest_unacked_message_age'),
    aligner: 'ALIGN_MAX',
    reducer: 'REDUCE_MAX',
    groupBy: BY_SUBSCRIPTION,
  },
  {
    title: 'Dead letters',
    filter: subscription('dead_letter_message_count'),
    aligner: 'ALIGN_DELTA',
    reducer: 'REDUCE_SUM',
    groupBy: BY_SUBSCRIPTION,
  },
  {
    title: 'Database connections',
    filter: database('postgresql/num_backends'),
    aligner: 'ALIGN_MEAN',
    reducer: 'REDUCE_SUM',
    groupBy: 'metric.label.database',
  },
  {
    title: 'Database CPU',
    filter: database('cpu/utilization'),
    aligner: 'ALIGN_MEAN',
    reducer: 'REDUCE_MAX',
    groupBy: 'resource.label.database_id',
  },
  ...LOG_METRICS.map((name) => ({
    title: `Log lines: ${name}`,
    filter: `resource.type="cloud_run_revision" AND metric.type="${METRIC_PREFIX}${name}"`,
    aligner: 'ALIGN_DELTA',
    reducer: 'REDUCE_SUM',
    groupBy: 'metric.label.function',
  })),
];

const COLUMNS = 48;
const WIDTH = 24;
const HEIGHT = 16;

/** One page that shows whether the platform flows. */
export function createDashboard(): void {
  const tiles = CHARTS.map((chart, index) => ({
    xPos: (index * WIDTH) % COLUMNS,
    yPos: Math.floor((index * WIDTH) / COLUMNS) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
    widget: widgetOf(chart),
  }));
  new gcp.monitoring.Dashboard('millrace', {
    dashboardJson: JSON.stringify({ displayName: 'Millrace', mosaicLayout: { columns: COLUMNS, tiles } }),
  });
}

function widgetOf({ title, filter, aligner, reducer, groupBy }: Chart) {
  const aggregation = {
    alignmentPeriod: '60s',
    perSeriesAligner: aligner,
    crossSeriesReducer: reducer,
    groupByFields: [groupBy],
  };
  return {
    title,
    xyChart: { dataSets: [{ plotType: 'LINE', timeSeriesQuery: { timeSeriesFilter: { filter, aggregation } } }] },
  };
}
