"""Home 1: Modal, R2 and Fly. Mirrors local/; with app.py the only place that knows of Modal."""
