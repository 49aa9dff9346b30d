"""Built-in measurements, one a module; a probe changes nothing."""

from collections.abc import Mapping

_HERE = "chaos_mcp.probes"

BUILT_IN: Mapping[str, str] = {
    "container.health": f"{_HERE}.container_health:ContainerHealth",
    "container.logs": f"{_HERE}.container_logs:ContainerLogs",
    "container.state": f"{_HERE}.container_state:ContainerState",
    "container.stats": f"{_HERE}.container_stats:ContainerStats",
    "disk.free": f"{_HERE}.disk_free:DiskFree",
    "host.cpu": f"{_HERE}.host_cpu:HostCpu",
    "host.memory": f"{_HERE}.host_memory:HostMemory",
    "host.pressure": f"{_HERE}.host_pressure:HostPressure",
    "http": f"{_HERE}.http:Http",
    "process": f"{_HERE}.process:Process",
    "process.state": f"{_HERE}.process_state:ProcessState",
    "proxy.state": f"{_HERE}.proxy_state:ProxyStateProbe",
    "tcp": f"{_HERE}.tcp:Tcp",
}
"""Where each probe is; nothing is imported until somebody asks for it."""
