"""kaizen-eval."""
