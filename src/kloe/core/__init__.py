"""What every other package stands on: errors, messages, digests, periods, progress, statistics."""
