"""Communication between the kernel and the views: commands in, patches out."""
