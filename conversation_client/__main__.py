"""`python -m conversation_client`: the command, wherever the package can be imported."""

from conversation_client.cli import main

main()
