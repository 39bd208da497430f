"""The API: who asks, what may be asked, and how answers look. `app.create_api` makes it of Services."""
