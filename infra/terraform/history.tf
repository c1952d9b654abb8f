# The history. The tables are those that the first tick would make, from the same files.

resource "google_bigquery_dataset" "history" {
  dataset_id                 = var.dataset
  location                   = var.dataset_location
  description                = "Events, runs, metrics and verdicts of Tidemark"
  delete_contents_on_destroy = false
  depends_on                 = [google_project_service.needed]
}

resource "google_bigquery_table" "table" {
  for_each = module.settings.tables

  dataset_id          = google_bigquery_dataset.history.dataset_id
  table_id            = each.key
  schema              = each.value.schema
  clustering          = each.value.clustering
  deletion_protection = var.deletion_protection

  dynamic "time_partitioning" {
    for_each = each.value.partition == null ? [] : [each.value.partition]
    content {
      type  = time_partitioning.value.type
      field = time_partitioning.value.field
    }
  }

  # A plan must never make a table anew: a tick of a newer version adds its columns itself, as nullable ones, and the
  # tables of the tool before this one lie as that laid them.
  lifecycle {
    ignore_changes = [schema, time_partitioning, clustering]
  }
}

resource "google_bigquery_table" "view" {
  for_each = module.settings.views

  dataset_id          = google_bigquery_dataset.history.dataset_id
  table_id            = each.key
  deletion_protection = false
  depends_on          = [google_bigquery_table.table]

  view {
    query          = each.value
    use_legacy_sql = false
  }
}

resource "google_bigquery_dataset_iam_member" "tick_writes" {
  dataset_id = google_bigquery_dataset.history.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = google_service_account.tick.member
}

resource "google_project_iam_member" "tick_runs_statements" {
  project = var.project
  role    = "roles/bigquery.jobUser"
  member  = google_service_account.tick.member
}
