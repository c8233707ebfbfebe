"""What a question takes from the notebook: values, cells, files."""
