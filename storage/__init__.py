"""What a user owns: objects in a store, and one database that is an object too."""
