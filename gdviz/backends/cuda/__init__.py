"""The backend for NVIDIA's graphics processors: one thread a trajectory, all of its steps in one launch.

api/ is what packages offer that compile for CUDA; kernel.py makes the text of a plan and arguments.py what it is given,
launch.py runs it in chunks of trajectories, diagnosis.py tries a device, sentences.py is all that is said when
something fails.
"""
