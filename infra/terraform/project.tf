# What every other file needs: names and limits, the project's number, and the services switched on.

module "settings" {
  source = "./settings"

  project              = var.project
  region               = var.region
  dataset_location     = var.dataset_location
  name                 = var.name
  topic                = var.topic
  dataset              = var.dataset
  retention_days       = var.retention_days
  interval_minutes     = var.interval_minutes
  timeout_seconds      = var.timeout_seconds
  memory_mib           = var.memory_mib
  mail                 = var.mail
  model_roots          = var.model_roots
  oldest_waiting_hours = var.oldest_waiting_hours
}

locals {
  names  = module.settings.names
  limits = module.settings.limits
}

data "google_project" "this" {
  depends_on = [google_project_service.needed]
}

resource "google_project_service" "needed" {
  for_each = toset([
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "billingbudgets.googleapis.com",
    "cloudbuild.googleapis.com",
    "clouderrorreporting.googleapis.com",
    "cloudfunctions.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "cloudscheduler.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "pubsub.googleapis.com",
    "run.googleapis.com",
    "secretmanager.googleapis.com",
    "storage.googleapis.com",
  ])

  service = each.key
  # Others in the project may use it.
  disable_on_destroy = false
}
