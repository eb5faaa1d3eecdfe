"""What is remembered: a profile folder with a sealed key file and an encrypted database.

`profile` finds and locks the folder, `keyfile` opens what the passphrase protects, `database`
owns the one connection, and `contacts`, `history` and `transfers` are the books kept in it.
"""
