"""Who is near: adverts, the roster they fold into, and mDNS, where they come from."""
