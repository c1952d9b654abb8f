output "environment" {
  description = "The settings of the function; on any machine they make tidemark work on the same history."
  value       = module.settings.environment
}

output "images" {
  description = "Where images are pushed to and pulled from."
  value       = "${var.region}-docker.pkg.dev/${var.project}/${google_artifact_registry_repository.images.repository_id}"
}

output "build_account" {
  description = "The account that builds images, as Cloud Build wants it."
  value       = google_service_account.build.id
}

output "tick_account" {
  description = "The account of the function: whom a Role in a cluster has to be bound to."
  value       = google_service_account.tick.email
}

output "function" {
  description = "The function, the schedule that calls it, and their region."
  value = {
    name     = google_cloudfunctions2_function.tick.name
    schedule = google_cloud_scheduler_job.tick.name
    region   = var.region
  }
}

output "password_secret" {
  description = "Where the password of the mail server goes."
  value       = google_secret_manager_secret.smtp.secret_id
}
