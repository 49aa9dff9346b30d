"""Run, validate, report: what the command line, pytest and programs all call."""

from chaos_mcp.report.journals import find_run, reading_of
from chaos_mcp.runs.options import Options
from chaos_mcp.runs.result import Result, write_reports
from chaos_mcp.runs.running import carry_out, run, run_sync, standard_of
from chaos_mcp.runs.validating import schema, validate

__all__ = [
    "Options",
    "Result",
    "carry_out",
    "find_run",
    "reading_of",
    "run",
    "run_sync",
    "schema",
    "standard_of",
    "validate",
    "write_reports",
]
