"""The wire's and the transports' own suites, run by pytest inside Pyodide."""

import io
import re
from importlib.metadata import files
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.browser._notebook import Notebook, only_jupyterlite
from tests.contract.serve import serve_scenarios
from tests.server import ModelServer

pytestmark = pytest.mark.own_page

TESTS = Path(__file__).parents[1]
SUITES = [
    "unit/wire/test_sse.py",
    "unit/wire/test_chat_completions.py",
    "unit/wire/test_anthropic.py",
    "unit/wire/test_responses.py",
    "unit/wire/test_responses_request.py",
    "unit/conversation/test_inline_reasoning.py",
    "contract/test_transports.py",
]
NEEDED = ["__init__.py", "unit/__init__.py", "unit/*/__init__.py", "unit/wire/_*.py", "cases/*.json", "contract/*.py"]
# Pure Python, and not part of the site: the tests bring them along.
PACKAGES = ["pytest", "pluggy", "iniconfig", "packaging"]

# Milliseconds.
SUITES_TIMEOUT = 240_000
CELL = """
import os, sys, warnings
from pyodide.http import pyfetch
await (await pyfetch("{archive}")).unpack_archive(extract_dir="/suite", format="zip")
sys.path.insert(0, "/suite")
os.environ["CHATWIDGET_TEST_SERVER"] = "{server}"
import pytest
code = pytest.main(["-q", "--color=no", "-p", "no:cacheprovider", "--rootdir=/suite", "-W", "error", {paths}])
print("exit code", int(code))
"""


def archive() -> bytes:
    """The suites, what they read, and pytest."""
    packed = io.BytesIO()
    with ZipFile(packed, "w") as archive:
        for path in sorted({path for pattern in [*NEEDED, *SUITES] for path in TESTS.glob(pattern)}):
            archive.write(path, Path("tests", path.relative_to(TESTS)))
        for package in PACKAGES:
            for file in files(package):
                if file.suffix == ".py" and ".." not in file.parts:
                    archive.write(file.locate(), file)
    return packed.getvalue()


@only_jupyterlite
def test_the_suites_pass_inside_pyodide(notebook: Notebook, server: ModelServer) -> None:
    serve_scenarios(server)
    url = notebook.runtime.put("suite.zip", archive())
    paths = ", ".join(f'"/suite/tests/{suite}"' for suite in SUITES)
    notebook.open(CELL.format(archive=url, server=server.base_url, paths=paths))
    notebook.start(0)
    notebook.wait(0, timeout=SUITES_TIMEOUT)
    said = notebook.output(0).inner_text()
    print(said)
    assert "exit code 0" in said
    assert int(re.search(r"(\d+) passed", said)[1]) > 500
    assert not re.search(r"\d+ (failed|error|skipped|xfailed)", said)
    lists = [request.query for request in server.requests if request.path == "/v1/models"]
    assert lists.count("api-version=preview") == 2
    left = [request for request in server.chats if request.json["model"] in {"hang", "mute"}]
    assert len(left) == 12
    assert all(request.disconnected_at for request in left)
