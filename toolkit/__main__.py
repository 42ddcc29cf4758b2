"""``python -m toolkit`` is ``stance``."""

from toolkit.cli import main

if __name__ == "__main__":
    main()
