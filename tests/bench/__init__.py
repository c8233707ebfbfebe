"""What chatwidget costs, beside what it is to be compared with: ``python -m tests.bench``.

Each module measures one thing, ours and its baseline by turns and in the same run, for a machine's
speed changes while one looks. It works on the installed package, on CPython and in Chromium.
"""
