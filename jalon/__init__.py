"""The running program: app, command line, worker, shared screen parts."""
