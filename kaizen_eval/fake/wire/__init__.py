"""The wire formats that the fake speaks: pure codecs."""
