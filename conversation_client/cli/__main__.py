"""`python -m conversation_client.cli`: the command, wherever the package can be imported."""

from conversation_client.cli import main

main()
