"""Serving: the web server and the worker as child processes, watched by one parent.

``supervisor.serve`` is the whole of it. Nothing here loads Django before it is needed.
"""
