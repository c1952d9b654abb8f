# The lease, and the right to read event files. The buckets of the models are not made here.

resource "google_storage_bucket" "state" {
  name                        = local.names.state_bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  # Nothing in it outlives a tick.
  force_destroy = true
  depends_on    = [google_project_service.needed]

  # A lease is written every few seconds; what it was before is of no use and would be billed.
  soft_delete_policy {
    retention_duration_seconds = 0
  }
}

resource "google_storage_bucket_iam_member" "tick_holds_lease" {
  bucket = google_storage_bucket.state.name
  role   = "roles/storage.objectUser"
  member = google_service_account.tick.member
}

# The whole bucket, also where a root is a folder: a condition on names would need uniform access of a bucket that is
# not ours. What a message may point at inside of it is model_roots of tidemark.yaml.
resource "google_storage_bucket_iam_member" "tick_reads_events" {
  for_each = module.settings.model_buckets

  bucket = each.key
  role   = "roles/storage.objectViewer"
  member = google_service_account.tick.member
}
