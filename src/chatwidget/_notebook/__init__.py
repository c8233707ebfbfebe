"""The parts of the notebook that questions include: values, cells and files."""
