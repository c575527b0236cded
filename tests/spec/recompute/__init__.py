"""Every measure computed a second time, in plain Python, by somebody who had only its words.

The form is described in :mod:`recompute.ground`.
"""
