"""From results to a scene, one module per job: the only place that knows both sides."""
