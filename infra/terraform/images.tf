# Where images are built and kept: that of the function and that of the publisher.

resource "google_artifact_registry_repository" "images" {
  repository_id = local.names.images
  location      = var.region
  format        = "DOCKER"
  description   = "Tidemark: the function and the publisher"
  depends_on    = [google_project_service.needed]

  cleanup_policies {
    id     = "keep-the-newest"
    action = "KEEP"
    most_recent_versions {
      keep_count = 10
    }
  }

  cleanup_policies {
    id     = "delete-the-rest"
    action = "DELETE"
    condition {
      older_than = "2592000s"
    }
  }
}

resource "google_service_account" "build" {
  account_id   = local.names.build_account
  display_name = "Tidemark: builds images"
  depends_on   = [google_project_service.needed]
}

resource "google_project_iam_member" "build_logs" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = google_service_account.build.member
}

resource "google_artifact_registry_repository_iam_member" "build_writes" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = google_service_account.build.member
}

# Both services copy what they build into buckets of their own, which they make when first used.
resource "google_project_iam_member" "build_reads_source" {
  project = var.project
  role    = "roles/storage.objectViewer"
  member  = google_service_account.build.member

  condition {
    title      = "sources-of-builds"
    expression = <<-EXPRESSION
      resource.name.startsWith("projects/_/buckets/gcf-v2-") ||
      resource.name.startsWith("projects/_/buckets/${var.project}_cloudbuild") ||
      resource.name.startsWith("projects/_/buckets/${local.names.source_bucket}")
    EXPRESSION
  }
}

resource "google_artifact_registry_repository_iam_member" "nodes_pull" {
  for_each = toset(var.image_readers)

  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.reader"
  member     = "serviceAccount:${each.key}"
}
