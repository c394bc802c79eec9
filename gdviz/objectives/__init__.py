"""What trajectories descend: landscapes by formula, and Python functions."""
