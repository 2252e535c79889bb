"""Speed, as ratios to a baseline taken in the same run: figures to publish, never to assert in a test."""
