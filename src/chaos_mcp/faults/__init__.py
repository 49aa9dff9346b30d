"""Built-in harms, one a module; each can be taken back."""

from collections.abc import Mapping

_HERE = "chaos_mcp.faults"

BUILT_IN: Mapping[str, str] = {
    "container.cpu-stress": f"{_HERE}.container_cpu_stress:ContainerCpuStress",
    "container.disconnect": f"{_HERE}.container_disconnect:ContainerDisconnect",
    "clock.skew": f"{_HERE}.clock_skew:ClockSkew",
    "container.kill": f"{_HERE}.container_kill:ContainerKill",
    "container.limit": f"{_HERE}.container_limit:ContainerLimit",
    "container.memory-stress": f"{_HERE}.container_memory_stress:ContainerMemoryStress",
    "container.partition": f"{_HERE}.container_partition:ContainerPartition",
    "container.pause": f"{_HERE}.container_pause:ContainerPause",
    "container.restart": f"{_HERE}.container_restart:ContainerRestart",
    "container.stop": f"{_HERE}.container_stop:ContainerStop",
    "disk.fill": f"{_HERE}.disk_fill:DiskFill",
    "disk.inodes": f"{_HERE}.disk_inodes:DiskInodes",
    "file.descriptors": f"{_HERE}.file_descriptors:FileDescriptors",
    "host.cpu": f"{_HERE}.host_cpu:HostCpu",
    "host.memory": f"{_HERE}.host_memory:HostMemory",
    "http.body": f"{_HERE}.http_body:HttpBody",
    "http.latency": f"{_HERE}.http_latency:HttpLatency",
    "http.status": f"{_HERE}.http_status:HttpStatus",
    "network.bandwidth": f"{_HERE}.network_bandwidth:NetworkBandwidth",
    "network.cut": f"{_HERE}.network_cut:NetworkCut",
    "network.latency": f"{_HERE}.network_latency:NetworkLatency",
    "network.limit-data": f"{_HERE}.network_limit_data:NetworkLimitData",
    "network.loss": f"{_HERE}.network_loss:NetworkLoss",
    "network.partition": f"{_HERE}.network_partition:NetworkPartition",
    "network.reset": f"{_HERE}.network_reset:NetworkReset",
    "network.slicer": f"{_HERE}.network_slicer:NetworkSlicer",
    "network.slow-close": f"{_HERE}.network_slow_close:NetworkSlowClose",
    "network.timeout": f"{_HERE}.network_timeout:NetworkTimeout",
    "none": f"{_HERE}.none:NoFault",
    "process.cpu": f"{_HERE}.process_cpu:ProcessCpu",
    "process.kill": f"{_HERE}.process_kill:ProcessKill",
    "process.memory": f"{_HERE}.process_memory:ProcessMemory",
    "process.pause": f"{_HERE}.process_pause:ProcessPause",
    "process.signal": f"{_HERE}.process_signal:ProcessSignal",
}
"""Where each kind of fault is; nothing is imported until somebody asks for it."""
