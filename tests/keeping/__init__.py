"""What is kept: in files, in the notebook, in exports."""
