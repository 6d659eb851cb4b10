import * as gcp from '@pulumi/gcp';

/** Counts of log lines, by function: what core logs and no metric of Google's shows. */
const METRICS = {
  'function-errors': { description: 'Log lines of severity ERROR and above', filter: 'severity >= ERROR' },
  'function-warnings': { description: 'Log lines of severity WARNING', filter: 'severity = WARNING' },
  'policy-unreachable': {
    description: 'Reads of the policy store that failed: reductions only meanwhile',
    filter: 'jsonPayload.function = "policy" AND severity >= ERROR',
  },
} as const;

export const METRIC_PREFIX = 'logging.googleapis.com/user/';
export const LOG_METRICS = Object.keys(METRICS);

export function createLogMetrics(): void {
  for (const [name, { description, filter }] of Object.entries(METRICS)) {
    new gcp.logging.Metric(name, {
      name,
      description,
      filter: `resource.type = "cloud_run_revision" AND ${filter}`,
      metricDescriptor: {
        metricKind: 'DELTA',
        valueType: 'INT64',
        unit: '1',
        labels: [{ key: 'function', valueType: 'STRING', description: 'The function that wrote the line' }],
      },
      labelExtractors: { function: 'EXTRACT(resource.labels.service_name)' },
    });
  }
}
