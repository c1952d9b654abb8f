# What raises an alarm. Each alarm carries its page of infra/playbooks; the service's own mails cannot tell its death,
# so Cloud Monitoring sends these.

locals {
  from_tick = "resource.type=\"cloud_run_revision\" AND resource.labels.service_name=\"${local.names.function}\""
  from_call = "resource.type=\"cloud_scheduler_job\" AND resource.labels.job_id=\"${local.names.schedule}\""

  # Lines of the log that are counted; docs/cloud.md says what the function logs.
  counted = {
    tick_completed = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND jsonPayload.event=\"tick_completed\""
    }
    # The second: what the platform had to end says nothing itself.
    tick_failed = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND (jsonPayload.event=\"tick_failed\" OR (log_id(\"run.googleapis.com/requests\") AND httpRequest.status>500))"
    }
    # What the function answered itself is counted above.
    call_failed = {
      source = "cloud_scheduler_job"
      filter = "${local.from_call} AND severity>=ERROR AND NOT httpRequest.status>=500"
    }
    defect = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND jsonPayload.stack_trace:*"
    }
    rejected = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND jsonPayload.event=\"tick_completed\" AND jsonPayload.rejected>0"
    }
    mail_failed = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND jsonPayload.event=\"mail_failed\""
    }
    # Counted beyond the limit: a percentile of a distribution would be a guess within its buckets.
    overdue = {
      source = "cloud_run_revision"
      filter = "${local.from_tick} AND jsonPayload.event=\"tick_completed\" AND jsonPayload.oldest_waiting_hours>${module.settings.overdue_hours}"
    }
  }

  # More than so many lines in a window of so many seconds.
  alarms = {
    tick_failed = { title = "ticks fail", playbook = "tick-failed", most = 1, seconds = 3600, severity = "ERROR" }
    call_failed = { title = "the scheduler cannot call the tick", playbook = "call-failed", most = 1, seconds = 3600, severity = "ERROR" }
    defect      = { title = "a defect of Tidemark", playbook = "defect", most = 0, seconds = 3600, severity = "WARNING" }
    rejected    = { title = "messages were rejected", playbook = "rejected-messages", most = 0, seconds = 3600, severity = "WARNING" }
    mail_failed = { title = "mails cannot be sent", playbook = "mail-failed", most = 1, seconds = 3600, severity = "ERROR" }
    overdue     = { title = "a run does not end", playbook = "overdue-run", most = 0, seconds = 3600, severity = "WARNING" }
  }

  channels  = [for channel in google_monitoring_notification_channel.mail : channel.id]
  playbooks = "${path.module}/../playbooks"
}

resource "google_monitoring_notification_channel" "mail" {
  for_each = toset(var.alert_emails)

  display_name = "Tidemark: ${each.key}"
  type         = "email"
  labels       = { email_address = each.key }
  depends_on   = [google_project_service.needed]
}

resource "google_logging_metric" "counted" {
  for_each = local.counted

  name       = "${var.name}/${each.key}"
  filter     = each.value.filter
  depends_on = [google_project_service.needed]

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "INT64"
  }
}

# For a chart; the alarm counts lines beyond the limit.
resource "google_logging_metric" "oldest_waiting_hours" {
  name            = "${var.name}/oldest_waiting_hours"
  filter          = "${local.from_tick} AND jsonPayload.event=\"tick_completed\" AND jsonPayload.oldest_waiting_hours>=0"
  value_extractor = "EXTRACT(jsonPayload.oldest_waiting_hours)"
  depends_on      = [google_project_service.needed]

  metric_descriptor {
    metric_kind = "DELTA"
    value_type  = "DISTRIBUTION"
    unit        = "h"
  }

  bucket_options {
    explicit_buckets {
      bounds = [1, 2, 4, 8, 12, 24, 36, 48, 72, 96, 168]
    }
  }
}

# An alarm on a metric that nobody knows yet is refused, and to be known takes up to ten minutes: the function is built
# meanwhile. https://github.com/hashicorp/terraform-provider-google/issues/11102
resource "time_sleep" "metrics_known" {
  create_duration = "600s"
  triggers        = { metrics = join(" ", [for name in keys(local.counted) : google_logging_metric.counted[name].name]) }
}

# Catches all at once: no call, no start, a crash, a history that cannot be reached.
resource "google_monitoring_alert_policy" "no_tick" {
  display_name          = "Tidemark: no tick for ${local.limits.absence_seconds / 60} minutes"
  combiner              = "OR"
  severity              = "CRITICAL"
  notification_channels = local.channels
  depends_on            = [time_sleep.metrics_known]

  conditions {
    display_name = "no line tick_completed"

    condition_absent {
      filter   = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted["tick_completed"].name}\" AND resource.type=\"cloud_run_revision\""
      duration = "${local.limits.absence_seconds}s"

      # Every revision is a series of its own, and the old ones fall silent with each deployment.
      aggregations {
        alignment_period     = "${local.limits.interval_seconds}s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  documentation {
    content   = file("${local.playbooks}/no-tick.md")
    mime_type = "text/markdown"
  }
}

resource "google_monitoring_alert_policy" "alarm" {
  for_each = local.alarms

  display_name          = "Tidemark: ${each.value.title}"
  combiner              = "OR"
  severity              = each.value.severity
  notification_channels = local.channels
  depends_on            = [time_sleep.metrics_known]

  conditions {
    display_name = "more than ${each.value.most} lines in ${each.value.seconds / 60} minutes"

    condition_threshold {
      filter          = "metric.type=\"logging.googleapis.com/user/${google_logging_metric.counted[each.key].name}\" AND resource.type=\"${local.counted[each.key].source}\""
      comparison      = "COMPARISON_GT"
      threshold_value = each.value.most
      duration        = "0s"

      aggregations {
        alignment_period     = "${each.value.seconds}s"
        per_series_aligner   = "ALIGN_SUM"
        cross_series_reducer = "REDUCE_SUM"
      }
    }
  }

  alert_strategy {
    auto_close = "86400s"
  }

  documentation {
    content   = file("${local.playbooks}/${each.value.playbook}.md")
    mime_type = "text/markdown"
  }
}

resource "google_monitoring_alert_policy" "dead_letter" {
  display_name          = "Tidemark: messages lie in the dead-letter queue"
  combiner              = "OR"
  severity              = "WARNING"
  notification_channels = local.channels

  conditions {
    display_name = "any message"

    condition_threshold {
      filter          = "metric.type=\"pubsub.googleapis.com/subscription/num_undelivered_messages\" AND resource.type=\"pubsub_subscription\" AND resource.labels.subscription_id=\"${google_pubsub_subscription.dead_letter.name}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0
      duration        = "300s"

      aggregations {
        alignment_period   = "300s"
        per_series_aligner = "ALIGN_MAX"
      }
    }
  }

  documentation {
    content   = file("${local.playbooks}/dead-letter.md")
    mime_type = "text/markdown"
  }
}
