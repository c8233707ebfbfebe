#!/bin/sh
# Tests the wheel with the oldest or the newest releases that pyproject.toml admits:
# tests/ranges.sh lowest-direct|highest
set -eu

uv=build/tools/bin/uv
environment=build/$1-env

$uv venv --quiet --clear --python "${PYTHON:-python3}" "$environment"
$uv pip install --python "$environment" --resolution "$1" --requirements pyproject.toml --all-extras
$uv pip install --python "$environment" --no-deps build/wheel/*.whl
# What is there already stays as it is.
$uv pip install --python "$environment" \
    httpx2 hypothesis ipykernel matplotlib nbconvert pandas polars pytest pytest-asyncio pytest-timeout pytest-xdist \
    starlette trustme uvicorn
# Browsers, other people's SDKs and what is built have tests of their own.
"$environment"/bin/python -m pytest --numprocesses=2 --dist=loadfile tests/contract tests/keys tests/resilience \
    tests/unit tests/test_server.py
