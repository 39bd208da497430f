"""The domain: what a clip, a crop, a spotlight and a reel are. Pure: no I/O, no clock, no numpy."""
