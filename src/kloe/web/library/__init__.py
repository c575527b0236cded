"""Framework editions as assessments pin them, and the pages to read them."""
