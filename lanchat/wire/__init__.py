"""How values become bytes: fields make bodies, bodies records, frames carry them.  Pure."""
