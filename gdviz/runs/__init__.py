"""From a plan to results: simulation, tuning and fairness, responses, curves."""
