# Where messages wait for a tick, and where those go that no row can hold.

resource "google_pubsub_topic" "written" {
  name       = local.names.topic
  depends_on = [google_project_service.needed]
}

# No dead_letter_policy, retry_policy or filter: while the history cannot be reached messages come again and again,
# and Pub/Sub would move them away. "tidemark doctor" looks at each of these.
resource "google_pubsub_subscription" "tick" {
  name                       = local.names.subscription
  topic                      = google_pubsub_topic.written.id
  ack_deadline_seconds       = local.limits.ack_deadline_seconds
  message_retention_duration = local.limits.retention

  # Else it would be deleted after 31 days without a tick.
  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_topic" "dead_letter" {
  name       = local.names.dead_letter_topic
  depends_on = [google_project_service.needed]
}

# What is published to a topic without a subscription is lost.
resource "google_pubsub_subscription" "dead_letter" {
  name                       = local.names.dead_letter_subscription
  topic                      = google_pubsub_topic.dead_letter.id
  message_retention_duration = local.limits.retention

  expiration_policy {
    ttl = ""
  }
}

resource "google_pubsub_subscription_iam_member" "tick_pulls" {
  subscription = google_pubsub_subscription.tick.name
  role         = "roles/pubsub.subscriber"
  member       = google_service_account.tick.member
}

resource "google_pubsub_topic_iam_member" "tick_sets_aside" {
  topic  = google_pubsub_topic.dead_letter.name
  role   = "roles/pubsub.publisher"
  member = google_service_account.tick.member
}
