"""Queries as they are typed and what they stand for: the one table that both readers of them are held to."""

import shlex
from collections.abc import Mapping, Sequence

Read = Sequence[tuple[str, float]]

CASES: Mapping[str, Read | str] = {
    "red car": [("red car", 1)],
    "  red   car ": [("red car", 1)],
    '"red car" + sunset': [("red car", 1), ("sunset", 1)],
    "c++ + rust - c": [("c++", 1), ("rust", 1), ("c", -1)],
    'a"b c"d': [("ab cd", 1)],
    "- bus": [("bus", -1)],
    "-2 degrees": [("-2 degrees", 1)],
    # weights
    "2:red car": [("red car", 2)],
    '2:"red car" - text': [("red car", 2), ("text", -1)],
    '"2:red car" - "text overlay"': [("red car", 2), ("text overlay", -1)],
    "0.5:car + bus - 2:tram": [("car", 0.5), ("bus", 1), ("tram", -2)],
    "car - bus + 3:tram": [("car", 1), ("bus", -1), ("tram", 3)],
    "2:a 3:b": [("a", 2), ("b", 3)],
    "été - 1.5:öl": [("été", 1), ("öl", -1.5)],
    "猫 + 2:犬": [("猫", 1), ("犬", 2)],
    "12:é + 0.25:x": [("é", 12), ("x", 0.25)],
    '"2:note: buy milk"': [("2:note: buy milk", 1)],
    # the form that is always a weight
    "2::16 candles": [("16 candles", 2)],
    "- 0.5::2024": [("2024", -0.5)],
    "1::2:1": [("2:1", 1)],
    '"3:: spaced"': [(" spaced", 3)],
    "2::http://example.org": [("http://example.org", 2)],
    "1000::car": [("car", 1000)],
    "0::car + bus": [("car", 0), ("bus", 1)],
    # times, dates, verses, results, ratios
    "16:45 train to Bergen": [("16:45 train to Bergen", 1)],
    "meeting at 12:30": [("meeting at 12:30", 1)],
    '"meeting at 12:30"': [("meeting at 12:30", 1)],
    "John 3:16": [("John 3:16", 1)],
    "16:9 wallpaper": [("16:9 wallpaper", 1)],
    "2:1 win": [("2:1 win", 1)],
    "0:30 clip": [("0:30 clip", 1)],
    "08:15Z departure": [("08:15Z departure", 1)],
    "12:30:45.5 cut": [("12:30:45.5 cut", 1)],
    "10:00-12:00 opening": [("10:00-12:00 opening", 1)],
    "١٦:٤٥ قطار": [("١٦:٤٥ قطار", 1)],
    "2:٤ فوز": [("2:٤ فوز", 1)],
    "4:3-monitor": [("4:3-monitor", 1)],
    "train - 16:45": [("train", 1), ("16:45", -1)],
    # relations, headings, codes
    "1:n relation": [("1:n relation", 1)],
    "1:many": [("1:many", 1)],
    "0:a": [("0:a", 1)],
    "0.0:a": [("0.0:a", 1)],
    "007:spectre": [("007:spectre", 1)],
    "1984:novel": [("1984:novel", 1)],
    "Chapter 2: the whale": [("Chapter 2: the whale", 1)],
    '"2: the return"': [("2: the return", 1)],
    "10.0.0.1:http": [("10.0.0.1:http", 1)],
    "12:ab:cd:ef:00:11": [("12:ab:cd:ef:00:11", 1)],
    "2:": [("2:", 1)],
    '2:""': [("2:", 1)],
    '"2: "': [("2: ", 1)],
    "http://example.org": [("http://example.org", 1)],
    "localhost:8080": [("localhost:8080", 1)],
    # what makes no query
    "car +": "nothing follows the '+' at place 2",
    "-": "nothing follows the '-' at place 1",
    "car + - bus": "nothing follows the '+' at place 2",
    "2::": "'2::' is empty: words or the path of a picture are missing",
    '2::""': "'2::' is empty: words or the path of a picture are missing",
    '""': "'' is empty: words or the path of a picture are missing",
    'car + "  "': "'  ' is empty: words or the path of a picture are missing",
    '"it\'s" + +': "nothing follows the '+' at place 2",
    '"2::  "': "'2::  ' is empty: words or the path of a picture are missing",
}


def split(text: str) -> list[str]:
    """The words of a line as a shell splits them, but for apostrophes, which the box of the page takes for letters."""
    words = shlex.shlex(text, posix=True, punctuation_chars=False)
    words.whitespace_split, words.quotes, words.escape, words.commenters = True, '"', "", ""
    return list(words)
