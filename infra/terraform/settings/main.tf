# Names, limits and tables, and nothing of a cloud: so "terraform test" runs here without network and credentials.

terraform {
  required_version = ">= 1.6"
}

locals {
  dead_letter_topic = "${var.topic}-dead-letter"
  state_bucket      = "${var.project}-${var.name}-state"

  # How long a message is lent, the most there is: a tick renews it every five minutes.
  ack_deadline_seconds = 600
  # The caller hears how a tick ended, also of one that the platform had to end.
  attempt_deadline_seconds = var.timeout_seconds + 30
  interval_seconds         = var.interval_minutes * 60
  # Three ticks in a row.
  absence_seconds = 3 * local.interval_seconds

  password_folder = "/etc/tidemark"
  password_file   = "smtp-password"

  environment = merge(
    {
      TIDEMARK_QUEUE      = "pubsub://${var.project}/${var.topic}?subscription=${local.subscription}&dead-letter=${local.dead_letter_topic}"
      TIDEMARK_HISTORY    = "bigquery://${var.project}/${var.dataset}?location=${var.dataset_location}"
      TIDEMARK_LEASE      = "gs://${local.state_bucket}/locks/tick.json"
      TIDEMARK_TIME_LIMIT = "${var.timeout_seconds}s"
    },
    var.mail == null ? {} : {
      TIDEMARK_MAIL               = var.mail
      TIDEMARK_SMTP_PASSWORD_FILE = "${local.password_folder}/${local.password_file}"
    },
  )

  subscription = "${var.topic}-tick"

  # The files that the first tick would make the tables from.
  schemas = "${path.module}/../../../schemas/bigquery"
  definitions = {
    for file in fileset(local.schemas, "*.json") :
    trimsuffix(file, ".json") => jsondecode(file("${local.schemas}/${file}"))
  }
  tables = {
    for name, one in local.definitions : name => {
      schema     = jsonencode(one.schema.fields)
      clustering = tolist(one.clustering.fields)
      partition  = try({ type = one.timePartitioning.type, field = one.timePartitioning.field }, null)
    } if can(one.schema.fields)
  }
  # A view knows no default dataset, so the table it reads is named in full.
  views = {
    for name, one in local.definitions :
    name => replace(one.view.query, "/`(\\w+)`/", "`${var.project}.${var.dataset}.$1`") if can(one.view.query)
  }
}
