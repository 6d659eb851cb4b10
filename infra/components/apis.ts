import * as gcp from '@pulumi/gcp';

const APIS = [
  'apigateway.googleapis.com',
  'artifactregistry.googleapis.com',
  'cloudbuild.googleapis.com',
  'cloudfunctions.googleapis.com',
  'cloudkms.googleapis.com',
  'cloudresourcemanager.googleapis.com',
  'cloudscheduler.googleapis.com',
  'compute.googleapis.com',
  'firestore.googleapis.com',
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'logging.googleapis.com',
  'monitoring.googleapis.com',
  'pubsub.googleapis.com',
  'run.googleapis.com',
  'secretmanager.googleapis.com',
  'servicecontrol.googleapis.com',
  'servicemanagement.googleapis.com',
  'servicenetworking.googleapis.com',
  'sqladmin.googleapis.com',
  'storage.googleapis.com',
  'telemetry.googleapis.com',
];

/** Enables what the platform needs. Never disables on destroy: something else may have come to need it. */
export function enableApis(projects: readonly string[]): void {
  for (const project of projects) {
    for (const service of APIS) {
      new gcp.projects.Service(`${project}-${service}`, { project, service, disableOnDestroy: false });
    }
  }
}
