from chaos_mcp.errors import ChaosError as ChaosError
from chaos_mcp.errors import FaultRefused as FaultRefused
from chaos_mcp.errors import FaultUnproven as FaultUnproven
from chaos_mcp.errors import InvalidExperiment as InvalidExperiment
from chaos_mcp.errors import NotPassed as NotPassed
from chaos_mcp.errors import NotStable as NotStable
from chaos_mcp.errors import UndoFailed as UndoFailed
from chaos_mcp.library import arecover as arecover
from chaos_mcp.library import arun as arun
from chaos_mcp.library import assert_stable as assert_stable
from chaos_mcp.library import recover as recover
from chaos_mcp.library import run as run
from chaos_mcp.library import validate as validate
from chaos_mcp.runs import Result as Result
from chaos_mcp.sessions.asynchronous import AsyncSession as AsyncSession
from chaos_mcp.sessions.opening import session as session
from chaos_mcp.sessions.sync import Session as Session
from chaos_mcp.sessions.things import Proxy as Proxy

__version__: str
