import { type CloudStorageConfig, type Duration, milliseconds } from './resources.ts';
import { invalidArgument, unimplemented } from './status.ts';

export const DEFAULT_DATETIME_FORMAT = 'YYYY-MM-DDThh:mm:ssZ';
const DEFAULT_DURATION: Duration = { seconds: 300 };
// cloud.google.com/storage/docs/buckets#naming, without the rules for names with dots.
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;
const MIN_MESSAGES = 1000;
const MIN_BYTES = 1000;
const MAX_BYTES = 10 * 1024 ** 3;

/** The parts of a file's date and time that a format must, and may, name. */
const FORMAT_PARTS = ['YYYY', 'MM', 'DD', 'hh', 'mm', 'ss'];

/** Throws INVALID_ARGUMENT for what google/pubsub/v1/pubsub.proto rules out in a CloudStorageConfig. */
export function checkCloudStorage(config: CloudStorageConfig): void {
  if (!BUCKET.test(config.bucket ?? ''))
    throw invalidArgument(`Invalid bucket name (bucket=${config.bucket ?? ''}): give it without any prefix.`);
  if (config.filenameSuffix?.endsWith('/')) throw invalidArgument('filename_suffix must not end in "/".');
  if (config.avroConfig?.useTopicSchema) throw unimplemented('A Cloud Storage subscription with use_topic_schema');
  const seconds = maxDurationMs(config) / 1000;
  if (seconds < 60 || seconds > 600) throw invalidArgument('max_duration must be between 1 and 10 minutes.');
  const { filenameDatetimeFormat: format, maxBytes, maxMessages } = config;
  if (maxBytes && (maxBytes < MIN_BYTES || maxBytes > MAX_BYTES))
    throw invalidArgument('max_bytes must be between 1 KB and 10 GiB.');
  if (maxMessages && maxMessages < MIN_MESSAGES) throw invalidArgument('max_messages must be at least 1,000.');
  if (format && FORMAT_PARTS.some((part) => format.split(part).length !== 2))
    throw invalidArgument(`filename_datetime_format must name each of ${FORMAT_PARTS.join(', ')} once.`);
}

export const maxDurationMs = ({ maxDuration = DEFAULT_DURATION }: CloudStorageConfig): number =>
  milliseconds(maxDuration);
