"""The models: plain classes, loaded once, that turn pictures into better pictures. No cloud here."""
