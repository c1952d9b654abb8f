# What is allowed is said, and tested, in settings/variables.tf.

variable "project" {
  type        = string
  description = "Google Cloud project that everything is made in."
}

variable "region" {
  type        = string
  description = "Region of the function, its schedule and its buckets."
  default     = "us-central1"
}

variable "dataset_location" {
  type        = string
  description = "Where the dataset lies: US, EU or a region. It can never be changed."
  default     = "US"
}

variable "name" {
  type        = string
  description = "First part of the names of all that has none of its own."
  default     = "tidemark"
}

variable "topic" {
  type        = string
  description = "Topic that publishers write to; by default that of the tutorial."
  default     = "metrics-written"
}

variable "dataset" {
  type        = string
  description = "Dataset of the history; by default that of the tutorial."
  default     = "metrics_handler_dataset"
}

variable "model_roots" {
  type        = list(string)
  description = "The gs:// folders that event files are read from: model_roots of tidemark.yaml."
  default     = []
}

variable "publishers" {
  type = list(object({
    namespace       = string
    service_account = string
  }))
  description = "Kubernetes service accounts, of clusters in this project, whose Pods may publish."
  default     = []
}

variable "image_readers" {
  type        = list(string)
  description = "Mail addresses of the accounts of nodes that pull the publisher's image and may not yet."
  default     = []
}

variable "alert_emails" {
  type        = list(string)
  description = "Who hears when the service itself is in trouble: addresses of Cloud Monitoring, not of Tidemark."

  validation {
    condition     = length(var.alert_emails) > 0
    error_message = "alert_emails is empty: nobody would hear that ticks have stopped."
  }
}

variable "mail" {
  type        = string
  description = "smtp://USER@HOST:587 or smtps://USER@HOST:465; null: no mail is sent. Set it once the password is in its secret."
  default     = null
}

variable "interval_minutes" {
  type        = number
  description = "Minutes between two ticks."
  default     = 15
}

variable "timeout_seconds" {
  type        = number
  description = "Seconds that a tick may take; it plans with them."
  default     = 840
}

variable "memory_mib" {
  type        = number
  description = "Memory of the function in MiB."
  default     = 1024
}

variable "retention_days" {
  type        = number
  description = "Days that a message waits in the queue while no tick comes."
  default     = 14
}

variable "oldest_waiting_hours" {
  type        = number
  description = "Hours after which a run that is still open raises an alarm."
  default     = 50
}

variable "billing_account" {
  type        = string
  description = "Billing account for a budget, as XXXXXX-XXXXXX-XXXXXX; null: no budget is made."
  default     = null
}

variable "budget_units" {
  type        = number
  description = "Budget of the project for a month, in the currency of the billing account."
  default     = 50
}

variable "deletion_protection" {
  type        = bool
  description = "Whether the tables of the history refuse to be deleted."
  default     = true
}
