"""The command line: arguments become a request, rows become lines.  `main` is the way in."""
