"""Docstrings in the styles that people write."""

import pytest

from chatwidget._tools.docstring import read

GOOGLE = """Get prices.

    More of it.

    Args:
        symbol (str): The ticker,
            such as ABC.
        days (Optional[int], default 3): How many: at most ten.
        *rest: What else.
        odd

    Returns:
        dict: the prices
    """

NUMPY = """Get prices.

    More of it.

    Parameters
    ----------
    symbol : str
        The ticker,
        such as ABC.
    days : int, optional
        How many: at most ten.
    *rest
        What else.

    Returns
    -------
    days : dict
        the prices
    """

REST = """Get prices.

    More of it.

    :param symbol: The ticker,
        such as ABC.
    :type symbol: str
    :param int days: How many: at most ten.
    :param \\*rest: What else.
    :returns: the prices
    :raises ValueError: when
    """


@pytest.mark.parametrize("docstring", [GOOGLE, NUMPY, REST], ids=["google", "numpy", "rest"])
def test_description_and_parameters_are_told_apart(docstring):
    docs = read(docstring)
    assert docs.description == "Get prices.\n\nMore of it."
    assert docs.parameters["symbol"] == "The ticker, such as ABC."
    assert docs.parameters["days"] == "How many: at most ten."
    assert docs.parameters["rest"] == "What else."


@pytest.mark.parametrize(
    ("docstring", "description"),
    [
        ("", ""),
        ("One line.", "One line."),
        ("Try this:\n\n    code()\n\nand more", "Try this:\n\n    code()\n\nand more"),
        ("Do it.\n\nExample:\n    >>> do()\n", "Do it."),
        ("Args: none are needed.", "Args: none are needed."),
        ("Several.\n\nParameters\n----------\na, b : int\n    Numbers.\n", "Several."),
        ("Args:\n", ""),
    ],
)
def test_a_description_is_what_stands_before_the_sections(docstring, description):
    assert read(docstring).description == description


def test_names_that_share_their_text():
    docs = read("Several.\n\nParameters\n----------\na, b : int\n    Numbers.\nc\n    Third.")
    assert docs.parameters == {"a": "Numbers.", "b": "Numbers.", "c": "Third."}
