output "names" {
  description = "What each thing is called."
  value = {
    topic                    = var.topic
    subscription             = local.subscription
    dead_letter_topic        = local.dead_letter_topic
    dead_letter_subscription = "${local.dead_letter_topic}-kept"
    state_bucket             = local.state_bucket
    source_bucket            = "${var.project}-${var.name}-source"
    function                 = "${var.name}-tick"
    schedule                 = "${var.name}-tick"
    images                   = var.name
    secret                   = "${var.name}-smtp-password"
    tick_account             = "${var.name}-tick"
    scheduler_account        = "${var.name}-scheduler"
    build_account            = "${var.name}-build"
    cluster_role             = "${replace(var.name, "-", "_")}_cluster_connect"
  }
}

output "limits" {
  description = "Times in seconds, memory as the platform writes it."
  value = {
    ack_deadline_seconds     = local.ack_deadline_seconds
    retention                = "${var.retention_days * 86400}s"
    timeout_seconds          = var.timeout_seconds
    attempt_deadline_seconds = local.attempt_deadline_seconds
    interval_seconds         = local.interval_seconds
    absence_seconds          = local.absence_seconds
    memory                   = "${var.memory_mib}Mi"
  }

  precondition {
    condition     = local.attempt_deadline_seconds < local.interval_seconds
    error_message = "A tick may take ${var.timeout_seconds} s and 30 s more to be heard of, which is not below the ${local.interval_seconds} s between two ticks: lower timeout_seconds or raise interval_minutes."
  }
}

output "schedule" {
  description = "When a tick is called, in cron's words."
  value       = var.interval_minutes == 60 ? "0 * * * *" : "*/${var.interval_minutes} * * * *"
}

output "environment" {
  description = "Environment of the function."
  value       = local.environment
}

output "password" {
  description = "Where the password of the mail server is mounted; null without mail."
  value       = var.mail == null ? null : { folder = local.password_folder, file = local.password_file }
}

output "model_buckets" {
  description = "The buckets of the model roots."
  value       = toset([for root in var.model_roots : split("/", trimprefix(root, "gs://"))[0]])
}

output "tables" {
  description = "By name: the schema as JSON, columns of clustering, and type and field of the partitions or null."
  value       = local.tables
}

output "views" {
  description = "By name: the statement, with its table in full."
  value       = local.views
}

output "overdue_hours" {
  description = "Hours after which an open run raises an alarm."
  value       = var.oldest_waiting_hours
}
