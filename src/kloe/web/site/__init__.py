"""What all pages share: home, errors, template tags."""
