variable "project" {
  type        = string
  description = "Google Cloud project that everything lies in."

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project))
    error_message = "project has to be a project id such as my-project-1: 6 to 30 lower-case letters, digits and hyphens."
  }
}

variable "region" {
  type        = string
  description = "Region of the function, its schedule and its buckets."

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "region has to be a region such as us-central1, not a zone."
  }
}

variable "dataset_location" {
  type        = string
  description = "Where the dataset lies: US, EU or a region. It can never be changed."

  validation {
    condition     = can(regex("^(US|EU|[a-z]+-[a-z]+[0-9]+)$", var.dataset_location))
    error_message = "dataset_location has to be US, EU or a region such as us-central1."
  }
}

variable "name" {
  type        = string
  description = "First part of the names of all that has none of its own: accounts, buckets, function."

  # The longest name made of it is that of a service account, NAME-scheduler, of 30 characters at most.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,19}$", var.name)) && !endswith(var.name, "-")
    error_message = "name has to be 3 to 20 lower-case letters, digits and hyphens, and begin with a letter."
  }
}

variable "topic" {
  type        = string
  description = "Topic that publishers write to."

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9._~+%-]{2,242}$", var.topic)) && !startswith(var.topic, "goog")
    error_message = "topic has to be 3 to 243 letters, digits and -._~+%, begin with a letter and not with goog."
  }
}

variable "dataset" {
  type        = string
  description = "Dataset of the history."

  validation {
    condition     = can(regex("^[A-Za-z0-9_]+$", var.dataset)) && length(var.dataset) <= 1024
    error_message = "dataset has to be letters, digits and underscores."
  }
}

variable "retention_days" {
  type        = number
  description = "Days that a message waits in the queue while no tick comes."

  validation {
    condition     = var.retention_days >= 7 && var.retention_days <= 31
    error_message = "retention_days has to be 7 to 31: less than a week loses what nobody sees before Monday, more is not offered."
  }
}

variable "interval_minutes" {
  type        = number
  description = "Minutes between two ticks."

  validation {
    condition     = contains([5, 10, 15, 20, 30, 60], var.interval_minutes)
    error_message = "interval_minutes has to be 5, 10, 15, 20, 30 or 60, so that every hour has the same ticks."
  }
}

variable "timeout_seconds" {
  type        = number
  description = "Seconds after which the platform ends a tick."

  validation {
    condition     = var.timeout_seconds >= 60 && var.timeout_seconds <= 1740 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds has to be a whole number from 60 to 1740: the scheduler waits for 30 minutes at most."
  }
}

variable "memory_mib" {
  type        = number
  description = "Memory of the function in MiB."

  validation {
    condition     = contains([512, 1024, 2048, 4096], var.memory_mib)
    error_message = "memory_mib has to be 512, 1024, 2048 or 4096."
  }
}

variable "mail" {
  type        = string
  nullable    = true
  description = "Where mails go, smtp://USER@HOST:587 or smtps://USER@HOST:465; null: mails are not sent."

  validation {
    condition     = var.mail == null ? true : can(regex("^smtps?://([^:@/?#]+@)?[^:@/?#]+(:[0-9]+)?$", var.mail))
    error_message = "mail has to be smtp://USER@HOST:587 or smtps://USER@HOST:465, without the password and with %40 for an @ in USER."
  }

  validation {
    condition     = var.mail == null ? true : !endswith(var.mail, ":25")
    error_message = "mail names port 25, which Google Cloud blocks: take 465, 587 or the relay's own port."
  }
}

variable "model_roots" {
  type        = list(string)
  description = "gs:// folders that event files are read from, as in model_roots of tidemark.yaml."

  validation {
    condition     = alltrue([for root in var.model_roots : can(regex("^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/.*)?$", root))])
    error_message = "each of model_roots has to be gs://BUCKET or gs://BUCKET/FOLDER."
  }
}

variable "oldest_waiting_hours" {
  type        = number
  description = "Hours after which a run that is still open raises an alarm."

  # A run without a timeout of its own is settled as lost after 48 hours.
  validation {
    condition     = var.oldest_waiting_hours > 48
    error_message = "oldest_waiting_hours has to be above 48, the hours that a run without a timeout of its own may take."
  }
}
