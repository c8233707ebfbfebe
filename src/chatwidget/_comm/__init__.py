"""Between kernel and views: commands in, patches out."""
