"""What leaves the machine: a generator as ONNX, as a page to explore, as a folder for the hub."""
