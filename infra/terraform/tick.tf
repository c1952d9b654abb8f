# The function that makes a tick, who it is, and what it is deployed from: build/function, made by
# "npm run build:function -- tidemark.yaml".

resource "google_service_account" "tick" {
  account_id   = local.names.tick_account
  display_name = "Tidemark: the tick"
  depends_on   = [google_project_service.needed]
}

data "archive_file" "function" {
  type        = "zip"
  source_dir  = "${path.module}/../../build/function"
  output_path = "${path.module}/../../build/function.zip"
}

resource "google_storage_bucket" "source" {
  name                        = local.names.source_bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = true
  depends_on                  = [google_project_service.needed]
}

# Its name changes with its contents, which is what makes an apply deploy.
resource "google_storage_bucket_object" "function" {
  name   = "tick-${data.archive_file.function.output_sha256}.zip"
  bucket = google_storage_bucket.source.name
  source = data.archive_file.function.output_path
}

resource "google_cloudfunctions2_function" "tick" {
  name        = local.names.function
  location    = var.region
  description = "One pass of Tidemark: messages to verdicts and mails"

  build_config {
    runtime           = "nodejs24"
    entry_point       = "tick"
    service_account   = google_service_account.build.id
    docker_repository = google_artifact_registry_repository.images.id

    source {
      storage_source {
        bucket = google_storage_bucket.source.name
        object = google_storage_bucket_object.function.name
      }
    }
  }

  service_config {
    # A strong hint and no lock: that is the lease.
    max_instance_count               = 1
    max_instance_request_concurrency = 1
    min_instance_count               = 0
    available_cpu                    = "1"
    available_memory                 = local.limits.memory
    timeout_seconds                  = local.limits.timeout_seconds
    ingress_settings                 = "ALLOW_INTERNAL_ONLY"
    service_account_email            = google_service_account.tick.email
    environment_variables            = module.settings.environment

    dynamic "secret_volumes" {
      for_each = module.settings.password == null ? [] : [module.settings.password]
      content {
        mount_path = secret_volumes.value.folder
        project_id = var.project
        secret     = google_secret_manager_secret.smtp.secret_id

        versions {
          version = "latest"
          path    = secret_volumes.value.file
        }
      }
    }
  }

  # A tick that came before its tables and rights would make the first and fail without the second.
  depends_on = [
    google_bigquery_table.table,
    google_bigquery_table.view,
    google_bigquery_dataset_iam_member.tick_writes,
    google_project_iam_member.tick_runs_statements,
    google_pubsub_subscription_iam_member.tick_pulls,
    google_pubsub_topic_iam_member.tick_sets_aside,
    google_storage_bucket_iam_member.tick_holds_lease,
    google_secret_manager_secret_iam_member.tick_reads_password,
    google_project_iam_member.build_logs,
    google_project_iam_member.build_reads_source,
    google_artifact_registry_repository_iam_member.build_writes,
  ]
}

# The secret, and no version of it: what is in a version would be in the state of Terraform.
resource "google_secret_manager_secret" "smtp" {
  secret_id  = local.names.secret
  depends_on = [google_project_service.needed]

  replication {
    auto {}
  }
}

resource "google_secret_manager_secret_iam_member" "tick_reads_password" {
  secret_id = google_secret_manager_secret.smtp.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.tick.member
}

# To reach a cluster's DNS-based endpoint and nothing in it; what may be listed says a Role in the cluster.
resource "google_project_iam_custom_role" "cluster_connect" {
  role_id     = local.names.cluster_role
  title       = "Tidemark: reach clusters"
  permissions = ["container.clusters.connect"]
  depends_on  = [google_project_service.needed]
}

resource "google_project_iam_member" "tick_reaches_clusters" {
  project = var.project
  role    = google_project_iam_custom_role.cluster_connect.id
  member  = google_service_account.tick.member
}
