"""`python -m jalon` is the same program as `jalon`."""

from jalon.cli import main

if __name__ == "__main__":
    main()
