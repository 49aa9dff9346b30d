"""Every built-in fault as a typed method.

Written by `python -m chaos_mcp.sessions.generate`; a test says when to call that again.
"""
# ruff: noqa: A002, E501, PLR0913 - faults call their arguments as experiments do

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import timedelta

    from chaos_mcp.sessions.things import Part, Proxy

    Span = float | str | timedelta
    """Seconds, text such as "200ms", or a timedelta."""

F = TypeVar("F")


class Faults(Generic[F]):
    """The faults; each method returns a context manager, in which the fault stands.

    `duration` ends a fault before its block does. A fault whose effect nothing shows is
    a failure (`FaultUnproven`), unless `prove` is false.
    """

    @abstractmethod
    def fault(
        self,
        kind: str,
        *,
        duration: Span | None = None,
        prove: bool = True,
        **arguments: Any,
    ) -> F:
        """Return a fault by its name, such as `network.partition`."""

    def clock_skew(
        self,
        process: Part | str,
        *,
        pid: int | None = None,
        ahead: Span | None = None,
        behind: Span | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Start a process of the system again, with a time of day that is off."""
        return self.fault(
            "clock.skew",
            process=process,
            pid=pid,
            ahead=ahead,
            behind=behind,
            duration=duration,
            prove=prove,
        )

    def container_cpu_stress(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        inside: bool = True,
        stress_image: str | None = None,
        cores: int = 1,
        load: float | str = 1.0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Have stress-ng compute beside a container, by default under its own limits."""
        return self.fault(
            "container.cpu-stress",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            inside=inside,
            stress_image=stress_image,
            cores=cores,
            load=load,
            duration=duration,
            prove=prove,
        )

    def container_disconnect(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        network: str | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Disconnect a container from a network, or from all, as if the cable were cut."""
        return self.fault(
            "container.disconnect",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            network=network,
            duration=duration,
            prove=prove,
        )

    def container_kill(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        signal: str = "SIGKILL",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Send a container's first process a signal, as `docker kill` does: SIGKILL."""
        return self.fault(
            "container.kill",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            signal=signal,
            duration=duration,
            prove=prove,
        )

    def container_limit(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        cpus: float | None = None,
        memory: int | str | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Lower the limits of a container, as `docker update` does."""
        return self.fault(
            "container.limit",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            cpus=cpus,
            memory=memory,
            duration=duration,
            prove=prove,
        )

    def container_memory_stress(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        inside: bool = True,
        stress_image: str | None = None,
        size: int | str | None = None,
        of_limit: float | str | None = None,
        oom: bool = False,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Have stress-ng hold memory, by default under the container's own limit."""
        return self.fault(
            "container.memory-stress",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            inside=inside,
            stress_image=stress_image,
            size=size,
            of_limit=of_limit,
            oom=oom,
            duration=duration,
            prove=prove,
        )

    def container_partition(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        direction: Literal["in", "out", "both"] = "both",
        peers: Sequence[str] = (),
        loss: float | str = 1.0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Drop packets inside a container's own network, where nothing else is touched."""
        return self.fault(
            "container.partition",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            direction=direction,
            peers=peers,
            loss=loss,
            duration=duration,
            prove=prove,
        )

    def container_pause(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Freeze all processes of a container, as `docker pause` does."""
        return self.fault(
            "container.pause",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            duration=duration,
            prove=prove,
        )

    def container_restart(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        grace: Span = 3.0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """End a container as `docker stop` does, and start it again at once."""
        return self.fault(
            "container.restart",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            grace=grace,
            duration=duration,
            prove=prove,
        )

    def container_stop(
        self,
        container: str | None = None,
        *,
        label: str | Sequence[str] = (),
        image: str | None = None,
        compose_project: str | None = None,
        compose_service: str | None = None,
        scope: Any | None = None,
        grace: Span = 3.0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Send a container its stop signal, and kill it if it does not end in time."""
        return self.fault(
            "container.stop",
            container=container,
            label=label,
            image=image,
            compose_project=compose_project,
            compose_service=compose_service,
            scope=scope,
            grace=grace,
            duration=duration,
            prove=prove,
        )

    def disk_fill(
        self,
        path: str,
        *,
        to: float | str | None = None,
        leave: int | str | None = None,
        size: int | str | None = None,
        within: int | str | None = None,
        root_filesystem: bool = False,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Take up the room of a file system with one file, known by the tag in its header."""
        return self.fault(
            "disk.fill",
            path=path,
            to=to,
            leave=leave,
            size=size,
            within=within,
            root_filesystem=root_filesystem,
            duration=duration,
            prove=prove,
        )

    def disk_inodes(
        self,
        path: str,
        *,
        to: float | str | None = None,
        leave: int | None = None,
        count: int | None = None,
        root_filesystem: bool = False,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Make empty files, in a directory of ours, until few inodes are left."""
        return self.fault(
            "disk.inodes",
            path=path,
            to=to,
            leave=leave,
            count=count,
            root_filesystem=root_filesystem,
            duration=duration,
            prove=prove,
        )

    def file_descriptors(
        self,
        process: Part | str | None = None,
        *,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        tree: bool = True,
        leave: int = 0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Lower the bound of a process' open files (`RLIMIT_NOFILE`) to what it has open."""
        return self.fault(
            "file.descriptors",
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            tree=tree,
            leave=leave,
            duration=duration,
            prove=prove,
        )

    def host_cpu(
        self,
        *,
        nice: int = 5,
        load: float | str = 1.0,
        cores: int | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Keep processors busy with stressors, each with a share of one."""
        return self.fault(
            "host.cpu",
            nice=nice,
            load=load,
            cores=cores,
            duration=duration,
            prove=prove,
        )

    def host_memory(
        self,
        *,
        nice: int = 5,
        to: float | str | None = None,
        leave: int | str | None = None,
        size: int | str | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Take up memory, page by page, as far as a reserve."""
        return self.fault(
            "host.memory",
            nice=nice,
            to=to,
            leave=leave,
            size=size,
            duration=duration,
            prove=prove,
        )

    def http_body(
        self,
        proxy: Proxy | str,
        *,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        method: str = "",
        path: str = "",
        host: str = "",
        share: float | str = 1.0,
        skip_requests: int = 0,
        replace: str | None = None,
        truncate: int | str | None = None,
        corrupt: float | str = 0.0,
        headers: Mapping[str, Any] | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Change the upstream's answers to requests through a proxy."""
        return self.fault(
            "http.body",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            method=method,
            path=path,
            host=host,
            share=share,
            skip_requests=skip_requests,
            replace=replace,
            truncate=truncate,
            corrupt=corrupt,
            headers=headers,
            duration=duration,
            prove=prove,
        )

    def http_latency(
        self,
        proxy: Proxy | str,
        *,
        latency: Span,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        method: str = "",
        path: str = "",
        host: str = "",
        share: float | str = 1.0,
        skip_requests: int = 0,
        jitter: Span = 0.0,
        distribution: Literal["uniform", "normal", "lognormal", "pareto"] = "uniform",
        when: Literal["before", "after"] = "before",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Have requests through a proxy wait, or the answers to them."""
        return self.fault(
            "http.latency",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            method=method,
            path=path,
            host=host,
            share=share,
            skip_requests=skip_requests,
            latency=latency,
            jitter=jitter,
            distribution=distribution,
            when=when,
            duration=duration,
            prove=prove,
        )

    def http_status(
        self,
        proxy: Proxy | str,
        *,
        status: int,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        method: str = "",
        path: str = "",
        host: str = "",
        share: float | str = 1.0,
        skip_requests: int = 0,
        body: str = "",
        headers: Mapping[str, Any] | None = None,
        when: Literal["before", "after"] = "before",
        delay: Span = 0.0,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Answer requests through a proxy with a status of your own."""
        return self.fault(
            "http.status",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            method=method,
            path=path,
            host=host,
            share=share,
            skip_requests=skip_requests,
            status=status,
            body=body,
            headers=headers,
            when=when,
            delay=delay,
            duration=duration,
            prove=prove,
        )

    def network_bandwidth(
        self,
        proxy: Proxy | str,
        *,
        rate: int | str,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        shared: bool = False,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Let only so many bytes a second through a proxy, on each connection or in all."""
        return self.fault(
            "network.bandwidth",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            rate=rate,
            shared=shared,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_cut(
        self,
        proxy: Proxy | str,
        *,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        after: Span = 0.0,
        since: Literal["fault", "connection"] = "fault",
        by: Literal["close", "reset"] = "close",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """End each connection through a proxy after a time, whether data flows or not."""
        return self.fault(
            "network.cut",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            after=after,
            since=since,
            by=by,
            duration=duration,
            prove=prove,
        )

    def network_latency(
        self,
        proxy: Proxy | str,
        *,
        latency: Span,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        jitter: Span = 0.0,
        distribution: Literal["uniform", "normal", "lognormal", "pareto"] = "uniform",
        correlation: float | str = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Delay all data through a proxy by a time, give or take some jitter."""
        return self.fault(
            "network.latency",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            latency=latency,
            jitter=jitter,
            distribution=distribution,
            correlation=correlation,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_limit_data(
        self,
        proxy: Proxy | str,
        *,
        bytes: int | str,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Close each connection through a proxy once so many bytes went through."""
        return self.fault(
            "network.limit-data",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            bytes=bytes,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_loss(
        self,
        proxy: Proxy | str,
        *,
        loss: float | str,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        rto: Span = 0.2,
        direction: Literal["both", "upstream", "downstream"] = "both",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Stall data through a proxy as TCP does where packets are lost (RFC 6298)."""
        return self.fault(
            "network.loss",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            loss=loss,
            rto=rto,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_partition(
        self,
        proxy: Proxy | str,
        *,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "both",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Swallow all traffic through a proxy, on open and on new connections."""
        return self.fault(
            "network.partition",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_reset(
        self,
        proxy: Proxy | str,
        *,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        after: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Answer data through a proxy with a TCP RST, at once or after a time."""
        return self.fault(
            "network.reset",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            after=after,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_slicer(
        self,
        proxy: Proxy | str,
        *,
        average_size: int | str,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        size_variation: int | str = 0,
        delay: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Send data through a proxy in small pieces, with pauses between them."""
        return self.fault(
            "network.slicer",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            average_size=average_size,
            size_variation=size_variation,
            delay=delay,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_slow_close(
        self,
        proxy: Proxy | str,
        *,
        delay: Span,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Hold back the end of each connection through a proxy."""
        return self.fault(
            "network.slow-close",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            delay=delay,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def network_timeout(
        self,
        proxy: Proxy | str,
        *,
        after: Span,
        toxicity: float | str = 1.0,
        skip_connections: int = 0,
        skip_bytes: int | str = 0,
        skip_for: Span = 0.0,
        direction: Literal["both", "upstream", "downstream"] = "downstream",
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Swallow all data through a proxy, and close after a time of silence."""
        return self.fault(
            "network.timeout",
            proxy=proxy,
            toxicity=toxicity,
            skip_connections=skip_connections,
            skip_bytes=skip_bytes,
            skip_for=skip_for,
            after=after,
            direction=direction,
            duration=duration,
            prove=prove,
        )

    def none(
        self,
        *,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Do nothing, and take nothing back."""
        return self.fault(
            "none",
            duration=duration,
            prove=prove,
        )

    def process_cpu(
        self,
        process: Part | str | None = None,
        *,
        nice: int = 5,
        load: float | str = 1.0,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        cores: int = 1,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Put stressors beside a process: on its processors, and in its cgroup."""
        return self.fault(
            "process.cpu",
            nice=nice,
            load=load,
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            cores=cores,
            duration=duration,
            prove=prove,
        )

    def process_kill(
        self,
        process: Part | str | None = None,
        *,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        tree: bool = True,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Kill a process, and all that it has started, with SIGKILL."""
        return self.fault(
            "process.kill",
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            tree=tree,
            duration=duration,
            prove=prove,
        )

    def process_memory(
        self,
        process: Part | str | None = None,
        *,
        nice: int = 5,
        to: float | str | None = None,
        leave: int | str | None = None,
        size: int | str | None = None,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Put stressors that take up memory into the cgroup of a process."""
        return self.fault(
            "process.memory",
            nice=nice,
            to=to,
            leave=leave,
            size=size,
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            duration=duration,
            prove=prove,
        )

    def process_pause(
        self,
        process: Part | str | None = None,
        *,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        tree: bool = True,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Stop a process, and all that it has started, with SIGSTOP."""
        return self.fault(
            "process.pause",
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            tree=tree,
            duration=duration,
            prove=prove,
        )

    def process_signal(
        self,
        process: Part | str | None = None,
        *,
        signal: str,
        pid: int | None = None,
        pattern: str | None = None,
        scope: Any | None = None,
        tree: bool = False,
        duration: Span | None = None,
        prove: bool = True,
    ) -> F:
        """Send processes a signal, by name: SIGHUP, SIGUSR1, SIGSTOP, SIGTERM."""
        return self.fault(
            "process.signal",
            process=process,
            pid=pid,
            pattern=pattern,
            scope=scope,
            tree=tree,
            signal=signal,
            duration=duration,
            prove=prove,
        )
