"""Who someone is: keys, what people compare of them, and what we hold of a peer.  Pure."""
