# Who may publish: Kubernetes service accounts, by Workload Identity, and only to the one topic.

resource "google_pubsub_topic_iam_member" "publishes" {
  for_each = { for one in var.publishers : "${one.namespace}/${one.service_account}" => one }

  topic = google_pubsub_topic.written.name
  role  = "roles/pubsub.publisher"
  member = join("/", [
    "principal://iam.googleapis.com/projects/${data.google_project.this.number}/locations/global/workloadIdentityPools",
    "${var.project}.svc.id.goog/subject/ns/${each.value.namespace}/sa/${each.value.service_account}",
  ])
}
