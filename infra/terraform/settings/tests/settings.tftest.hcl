# terraform test, in infra/terraform/settings: no provider, no network, no credentials.

variables {
  project              = "my-project"
  region               = "us-central1"
  dataset_location     = "US"
  name                 = "tidemark"
  topic                = "metrics-written"
  dataset              = "metrics_handler_dataset"
  retention_days       = 14
  interval_minutes     = 15
  timeout_seconds      = 840
  memory_mib           = 1024
  mail                 = null
  model_roots          = ["gs://models/runs", "gs://models/others", "gs://more"]
  oldest_waiting_hours = 50
}

run "defaults_fit_each_other" {
  command = plan

  assert {
    condition     = output.limits.timeout_seconds < output.limits.attempt_deadline_seconds && output.limits.attempt_deadline_seconds < output.limits.interval_seconds
    error_message = "The function has to end before its caller gives up, and both before the next tick."
  }
  assert {
    condition     = output.limits.attempt_deadline_seconds == 870 && output.limits.absence_seconds == 2700
    error_message = "840 s of work are 870 s of waiting; three ticks are 45 minutes."
  }
  assert {
    condition     = output.limits.retention == "1209600s" && output.limits.memory == "1024Mi"
    error_message = "14 days are 1209600 s."
  }
  assert {
    condition     = output.schedule == "*/15 * * * *"
    error_message = "A tick is called every 15 minutes."
  }
  assert {
    condition     = output.model_buckets == toset(["models", "more"])
    error_message = "Two folders of one bucket are one bucket."
  }
}

run "tables_are_those_of_the_product" {
  command = plan

  assert {
    condition     = length(output.tables) + length(output.views) == length(fileset("../../../schemas/bigquery", "*.json")) && length(output.tables) > 0
    error_message = "Every file is a table or a view."
  }
  assert {
    condition     = output.tables.metric_history.partition == { type = "MONTH", field = "timestamp" } && output.tables.metric_history.clustering == tolist(["test_name", "metric_name"])
    error_message = "metric_history is partitioned by month and clustered by test and metric."
  }
  assert {
    condition     = output.tables.ticks.partition == null
    error_message = "ticks has no partitions."
  }
  assert {
    condition     = strcontains(output.views.job_history_latest, "FROM `my-project.metrics_handler_dataset.job_history`")
    error_message = "A view names its table in full."
  }
}

run "without_mail_there_is_no_password" {
  command = plan

  assert {
    condition     = output.password == null && !contains(keys(output.environment), "TIDEMARK_MAIL")
    error_message = "Neither mail nor password."
  }
}

run "mail_brings_the_mounted_password" {
  command = plan

  variables {
    mail = "smtp://tidemark%40example.com@smtp.example.com:587"
  }

  assert {
    condition     = output.environment.TIDEMARK_SMTP_PASSWORD_FILE == "${output.password.folder}/${output.password.file}"
    error_message = "The function reads the password where it is mounted."
  }
}

run "a_slower_tick_needs_a_longer_interval" {
  command = plan

  variables {
    timeout_seconds = 870
  }

  expect_failures = [output.limits]
}

run "an_hour_between_ticks" {
  command = plan

  variables {
    timeout_seconds  = 1740
    interval_minutes = 60
  }

  assert {
    condition     = output.schedule == "0 * * * *" && output.limits.attempt_deadline_seconds <= 1800
    error_message = "The scheduler waits for 30 minutes at most."
  }
}

run "refuses_a_zone" {
  command = plan

  variables {
    region = "us-central1-b"
  }

  expect_failures = [var.region]
}

run "refuses_short_retention" {
  command = plan

  variables {
    retention_days = 1
  }

  expect_failures = [var.retention_days]
}

run "refuses_a_password_in_the_mail_address" {
  command = plan

  variables {
    mail = "smtp://user:secret@smtp.example.com:587"
  }

  expect_failures = [var.mail]
}

run "refuses_the_port_that_is_blocked" {
  command = plan

  variables {
    mail = "smtp://user@smtp.example.com:25"
  }

  expect_failures = [var.mail]
}

run "refuses_names_that_google_refuses" {
  command = plan

  variables {
    project = "My Project"
    topic   = "google-metrics"
    dataset = "metrics-handler"
    name    = "this-name-is-far-too-long"
  }

  expect_failures = [var.project, var.topic, var.dataset, var.name]
}

run "refuses_roots_outside_of_storage" {
  command = plan

  variables {
    model_roots = ["s3://models"]
  }

  expect_failures = [var.model_roots]
}

run "refuses_an_alarm_before_a_run_may_be_late" {
  command = plan

  variables {
    oldest_waiting_hours = 24
  }

  expect_failures = [var.oldest_waiting_hours]
}
