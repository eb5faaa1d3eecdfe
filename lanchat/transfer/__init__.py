"""Files and folders on their way: what is offered, how it is sealed, where it comes to lie.

The pure half (`names`, `manifest`, `stream`, `sender`, `receiver`) decides; the other half
(`disk`, `parts`, `publish`, `lane`) touches disks and sockets, in threads of its own.
PROTOCOL.md, 4.
"""
