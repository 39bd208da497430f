"""A package that has to be shipped."""
