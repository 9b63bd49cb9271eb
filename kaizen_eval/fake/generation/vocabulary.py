"""The words that generated text is made of."""

from __future__ import annotations

__all__ = ["ADJECTIVES", "CITIES", "COUNTRIES", "FIRST_NAMES", "LAST_NAMES", "NOUNS", "VERBS"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    "amber brief bright calm clear early fair fresh gentle green honest keen late light loud mild narrow new open "
    "plain quick quiet rare sharp short silver simple slow small soft solid spare steady still sweet tall tidy warm "
    "wide"
)
NOUNS = _words(
    "apple bridge brook cedar cloud coast door ember field forest garden glass harbor hill island lamp lantern leaf "
    "letter map maple meadow mirror moon morning mountain note orchard paper path pebble pine planet river road salt "
    "shore signal snow spring stone street summer table thread tide tower town valley village window winter"
)
VERBS = _words(
    "answers borders brings carries covers crosses explains fills finds follows guards holds joins keeps leads lifts "
    "marks meets needs opens passes reaches shows supports turns watches"
)
FIRST_NAMES = _words("Ada Ben Cleo Dan Eva Finn Grace Hugo Iris Jon Kira Leo Mara Nils Olga Paul Rosa Sam Tess Viktor")
LAST_NAMES = _words("Berg Cole Dahl Ekman Frost Grant Hale Ito Jensen Klein Lund Moss Novak Okafor Park Quinn Reyes")
CITIES = _words("Bergen Cork Dakar Ghent Graz Kyoto Lima Lyon Oslo Perth Porto Quito Riga Tartu Turin Utrecht")
COUNTRIES = _words("Austria Chile Estonia Ghana Iceland Japan Kenya Norway Peru Portugal Uruguay Vietnam")
