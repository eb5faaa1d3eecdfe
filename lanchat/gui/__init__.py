"""The window: what most people will ever see of lanchat.

`state.py` says what the window shows and how events change it, `bridge.py` is the only
place where the Tk thread and the node thread meet, and the panes draw.  The window decides
nothing: everything goes through the node.
"""
