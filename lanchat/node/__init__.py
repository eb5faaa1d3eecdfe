"""The application: who does what, and when.  Small desks, one assembler, one door."""
