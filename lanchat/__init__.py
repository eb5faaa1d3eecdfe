"""lanchat: encrypted chat and file transfer between the computers of one network.

No server, no account, no internet: peers find each other by mDNS, prove who they are
with keys of their own, and talk directly.  docs/ARCHITECTURE.md shows the parts.
"""

__version__ = "0.1.0"
