"""Django and nothing but Django: the pages, the database and who may see what."""
