"""One file a command: parse, wire, call the workflow, render."""
