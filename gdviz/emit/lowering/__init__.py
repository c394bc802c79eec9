"""Functions on arrays lowered to functions that a machine without an allocator can run."""
