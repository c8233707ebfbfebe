"""What rendering a streamed answer costs the page, against a fast renderer and against a plain one."""

from tests.bench.rendering._measure import measure

__all__ = ["measure"]
