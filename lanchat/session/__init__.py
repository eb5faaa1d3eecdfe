"""A proven, sealed channel to one peer.

`noise` and `handshake` prove who is there, `machine` keeps the sealed conversation, both
without a socket or a clock; `tcp`, `dial` and `listen` carry their bytes.  `rivals` says which
of two sessions of one pair stays, `doorkeeper` how much a stranger may cost us.
"""
