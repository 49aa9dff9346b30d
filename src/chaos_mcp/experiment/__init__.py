"""What the user wrote, checked: experiments, their units, tolerances and references."""
