const POD_FIELDS = [
  ['POD_NAME', 'metadata.name'],
  ['POD_UID', 'metadata.uid'],
  ['POD_NAMESPACE', 'metadata.namespace'],
] as const;

const JOB_FIELDS = [
  ['JOB_NAME', "metadata.labels['batch.kubernetes.io/job-name']"],
  ['JOB_UID', "metadata.labels['batch.kubernetes.io/controller-uid']"],
] as const;

/** The set, not the Job in it: that one is another with each restart. */
const SET_FIELDS = [
  ['JOB_NAME', "metadata.labels['jobset.sigs.k8s.io/jobset-name']"],
  ['JOB_UID', "metadata.labels['jobset.sigs.k8s.io/jobset-uid']"],
] as const;

/** How many Pods came before, by what ended them. No label has that; the count of an index is an annotation. */
const JOB_ATTEMPT_FIELDS = [
  ['JOB_FAILURES', "metadata.annotations['batch.kubernetes.io/job-index-failure-count']"],
  ['JOB_DISRUPTIONS', "metadata.annotations['batch.kubernetes.io/job-index-ignored-failure-count']"],
] as const;

const SET_ATTEMPT_FIELDS = [
  ['JOB_RESTARTS', "metadata.labels['jobset.sigs.k8s.io/restart-attempt']"],
] as const;

/** The variables that the template sets itself; a definition may not. */
export const OWN_VARIABLES: readonly string[] = [
  ...[...POD_FIELDS, ...JOB_FIELDS].map(([name]) => name),
  'MODEL_DIR',
  'METRIC_CONFIG',
  'CLUSTER',
  'ZONE',
  'REGION',
  'TIDEMARK_QUEUE',
];

/** Those that it sets where the command is wrapped. */
export const WRAPPER_VARIABLES: readonly string[] = [
  ...[...JOB_ATTEMPT_FIELDS, ...SET_ATTEMPT_FIELDS].map(([name]) => name),
  'TIDEMARK_STATE',
];

/**
 * The variables that the Pod itself tells, each with the path of its field: of a Job or a JobSet, and, where the
 * command is wrapped, which attempt this is.
 */
export function podFields({ isSet, wrap }: { readonly isSet: boolean; readonly wrap: boolean }) {
  const attempt = isSet ? SET_ATTEMPT_FIELDS : JOB_ATTEMPT_FIELDS;
  return [...POD_FIELDS, ...(isSet ? SET_FIELDS : JOB_FIELDS), ...(wrap ? attempt : [])];
}
