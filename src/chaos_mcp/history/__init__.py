"""What became of earlier runs: kept in a store, compared, and watched for changes."""
