"""The parts of `../gpu.py`: is a GPU's training right, how fast is it, how good are its pictures.

Each part works in processes of its own, so that one that crashes the device, hangs or runs out of memory costs its own
results and no others. A process says a row of a table as a line of JSON, as soon as it knows it.
"""
