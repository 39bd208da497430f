"""The workshop where our own network is trained; RECIPE.md says how. Nothing that runs imports it."""
