"""Speed, as ratios against Chaos Toolkit measured in the same run."""
