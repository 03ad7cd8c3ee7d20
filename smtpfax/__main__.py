"""`python -m smtpfax`.

In:    arguments.
Out:   what the `smtpfax` command does.
Fails: as it does.
"""

from smtpfax.cli import main

main()
