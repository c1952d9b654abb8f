# Who calls the tick, and when.

resource "google_service_account" "scheduler" {
  account_id   = local.names.scheduler_account
  display_name = "Tidemark: calls the tick"
  depends_on   = [google_project_service.needed]
}

# On the service below the function: that is what checks the caller.
resource "google_cloud_run_v2_service_iam_member" "scheduler_calls" {
  name     = google_cloudfunctions2_function.tick.name
  location = var.region
  role     = "roles/run.invoker"
  member   = google_service_account.scheduler.member
}

resource "google_cloud_scheduler_job" "tick" {
  name             = local.names.schedule
  description      = "Calls the tick of Tidemark"
  region           = var.region
  schedule         = module.settings.schedule
  time_zone        = "Etc/UTC"
  attempt_deadline = "${local.limits.attempt_deadline_seconds}s"
  depends_on       = [google_cloud_run_v2_service_iam_member.scheduler_calls]

  # The next tick is the retry.
  retry_config {
    retry_count = 0
  }

  http_target {
    http_method = "POST"
    # The address of the service, which internal traffic may use; that of the function would be refused.
    uri = google_cloudfunctions2_function.tick.service_config[0].uri

    oidc_token {
      service_account_email = google_service_account.scheduler.email
      audience              = google_cloudfunctions2_function.tick.service_config[0].uri
    }
  }
}
