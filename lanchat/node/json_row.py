"""JSON rows: what a line of JSON may hold.  `rows.py` says what each of ours does.  Pure."""

JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None
Row = dict[str, JSON]
