"""`python -m chaos_mcp.cli` is `chaos`."""

from chaos_mcp.cli import main

if __name__ == "__main__":
    main()
