"""A proxy as a worker has it: its share of the connections, and the same toxics."""

from __future__ import annotations

from typing import Any

from chaos_mcp.proxy.connection import STREAMS
from chaos_mcp.proxy.crew.listeners import Among
from chaos_mcp.proxy.crew.memory import CommonLine, Memory
from chaos_mcp.proxy.proxy import Proxy
from chaos_mcp.proxy.toxics.toxic import Skips, Toxic

COUNTERS = ("received", "sent")


class Share(Proxy):
    """Is what the parent says that it is to be."""

    def __init__(self, told: dict[str, Any], seed: int, memory: Memory) -> None:
        super().__init__(told["name"], "", told["upstream"], seed)
        self._serial: int = told["serial"]
        self._memory = memory
        self._worn: dict[int, tuple[Toxic, int]] = {}

    def _listening(self) -> Among:
        return Among(self.listen, self._accepted)

    def _number(self) -> int:
        return self._memory.count(self._serial)

    def become(self, told: dict[str, Any]) -> None:
        """Be what the parent says; raise `AddressError` if that cannot be."""
        if told["upstream"] != self.upstream:
            self.redirect(told["upstream"])
        self._wear(told["toxics"])
        if not self.enabled or told["listen"] != self.listen:
            self.stop()
        if told["listen"] is not None:
            self.listen = told["listen"]
            self.start()

    def _wear(self, told: list[dict[str, Any]]) -> None:
        """Have these toxics, in this order, at once for all connections."""
        before, self._worn, anew = self._worn, {}, []
        for one in told:
            mark, edit = one["mark"]
            toxic, last = before.get(mark) or (self._toxic(one), edit)
            self._worn[mark] = toxic, edit
            if edit != last:
                _update(toxic, one)
                anew.append(toxic)
        self.toxics = {toxic.name: toxic for toxic, _ in self._worn.values()}
        if list(before) != list(self._worn):
            both = {**before, **self._worn}
            self._changed([toxic for toxic, _ in both.values()])
        for toxic in anew:
            self._changed([toxic], toxic)

    def _toxic(self, told: dict[str, Any]) -> Toxic:
        name, kind, stream = told["made"]
        toxic = Toxic(name, kind, stream, told["toxicity"], told["attributes"])
        toxic.skips = Skips(**told["skips"])
        toxic.added(*told["added"])
        toxic.shared["line"] = CommonLine(self._memory, told["mark"][0])
        return toxic

    def report(self, *, whole: bool) -> dict[str, Any]:
        """Return what there is to tell; only if it is to be whole, of each toxic."""
        effects = {mark: self.effects(one) for mark, (one, _) in self._worn.items()}
        return {
            "accepted": self.traffic.accepted,
            "open": self.open_numbers(),
            **{
                which: {one: self.bytes(which, one) for one in STREAMS}
                for which in COUNTERS
            },
            "effects": effects if whole else {},
            "records": [one.as_json() for one in self.records()] if whole else [],
        }


def _update(toxic: Toxic, told: dict[str, Any]) -> None:
    toxic.toxicity, toxic.attributes = told["toxicity"], told["attributes"]
    toxic.skips = Skips(**told["skips"])
