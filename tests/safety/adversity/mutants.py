"""Ways of doing wrong where things go wrong already: at the edge of disk and world."""

from __future__ import annotations

from tests.safety.mutant import Mutant

DAMAGE = "tests/journal/test_damage.py"
DISK = "tests/safety/test_full_disk.py"
WRITES = "tests/safety/adversity/test_lost_writes.py"
UNDO = "tests/safety/adversity/test_undo.py"
INJECT = "tests/safety/adversity/test_inject.py"
WRONG = "tests/safety/adversity/test_wrong_journal.py"
PROXIES = "tests/safety/test_proxies.py"
RACES = "tests/safety/test_races.py"
MODEL = "tests/safety/model -k made_up"
REAL = "tests/safety/model -k real"

ADVERSITY = (
    Mutant(
        "damage in the middle is passed over in silence",
        "journal/read.py",
        "            _mark_gap(found.events, event, number)\n",
        "",
        DAMAGE,
    ),
    Mutant(
        "a checksum is written and never looked at",
        "journal/line.py",
        "if line[-_CRC_LENGTH:] == _CRC % zlib.crc32(body) else None",
        "",
        DAMAGE,
    ),
    Mutant(
        "what follows damage is lost with it",
        "journal/read.py",
        "        if event is not None and _belongs",
        "        if event is None and number > 1:\n"
        "            break\n"
        "        if event is not None and _belongs",
        DAMAGE,
    ),
    Mutant(
        "time goes back with the clock on the wall",
        "journal/log.py",
        "max(time.time() - first.wall + first.at, self.events[-1].at)",
        "time.time() - first.wall + first.at",
        f"{DAMAGE} tests/safety/adversity/test_clock.py",
    ),
    Mutant(
        "half a line stays",
        "journal/file.py",
        "                self._take_back()\n",
        "                pass\n",
        DISK,
    ),
    Mutant(
        "half a line that cannot be cut off swallows the next",
        "journal/file.py",
        "            self._torn = True\n",
        "",
        DISK,
    ),
    Mutant(
        "cutting half a line off gives the room behind it away",
        "journal/file.py",
        "                self._room.renew(self.size)\n",
        "                pass\n",
        DISK,
    ),
    Mutant(
        "cutting a torn end off gives the room behind it away",
        "journal/file.py",
        "        with suppress(JournalFailed):\n            self.keep_room()\n",
        "",
        DISK,
    ),
    Mutant(
        "a run that ends over an open fault gives its room away",
        "journal/log.py",
        "keep=self.taken or bool(open_faults(self.events))",
        "keep=False",
        DISK,
    ),
    Mutant(
        "the room of a run that is over is kept for ever",
        "journal/log.py",
        "keep=self.taken or bool(open_faults(self.events))",
        "keep=True",
        DISK,
    ),
    Mutant(
        "a fault is injected before its record is on the disk",
        "journal/log.py",
        "        await anyio.to_thread.run_sync(self._file.sync)\n",
        "",
        f"{WRITES} {MODEL}",
    ),
    Mutant(
        "a fault is injected though nothing keeps room for its undo",
        "engine/injection.py",
        "            await self.journal.keep_room()\n",
        "",
        WRITES,
    ),
    Mutant(
        "the name of a journal is not on the disk",
        "journal/file.py",
        "                sync_folder(one)\n",
        "                pass\n",
        WRITES,
    ),
    Mutant(
        "what was armed and could not be synced stays open",
        "engine/injection.py",
        "            if standing.id not in {armed.fault for armed in written}:\n",
        "            if written or not written:\n",
        WRITES,
    ),
    Mutant(
        "a journal that cannot be written stops an undo",
        "engine/undoing.py",
        "        with suppress(Exception):\n",
        "        with suppress(ValueError):\n",
        WRITES,
    ),
    Mutant(
        "a listener that raises stops an undo",
        "engine/undoing.py",
        "        with suppress(Exception):\n",
        "        with suppress(OSError, ChaosError):\n",
        INJECT,
    ),
    Mutant(
        "an undo that fails is not tried again",
        "engine/undoing.py",
        "        attempts = self.patience.attempts\n",
        "        attempts = 1\n",
        UNDO,
    ),
    Mutant(
        "an undo that wants to end everything does",
        "engine/undoing.py",
        "        except BaseException as error:",
        "        except Exception as error:",
        UNDO,
    ),
    Mutant(
        "an undo that wants to end everything is not listened to",
        "engine/undoing.py",
        "                self._stop = error\n",
        "                pass\n",
        UNDO,
    ),
    Mutant(
        "an undo that ends everything leaves the guardian waiting",
        "engine/runner.py",
        "        try:\n            await self.phases.injections.undo_all()\n"
        "        finally:\n            self._finish(ended=ended)\n"
        "            await self._release()\n",
        "        await self.phases.injections.undo_all()\n"
        "        self._finish(ended=ended)\n"
        "        await self._release()\n",
        "tests/safety/adversity/test_end.py",
    ),
    Mutant(
        "a copy of a journal takes a living run back",
        "engine/recovering.py",
        "    return events[0].run if events else folder.name\n",
        "    return folder.name if events else ''\n",
        RACES,
    ),
    Mutant(
        "an injection that fails half way is left at that",
        "engine/injection.py",
        "        if not standing.injected:\n            await self.undo(standing)\n",
        "        if not standing.injected:\n",
        f"{INJECT} {PROXIES} -k half",
    ),
    Mutant(
        "an injection is waited for",
        "engine/injection.py",
        "            with anyio.fail_after(self.patience.step):\n"
        "                await standing.fault.inject",
        "            with anyio.fail_after(self.patience.step * 2):\n"
        "                await standing.fault.inject",
        INJECT,
    ),
    Mutant(
        "a secret that undoing needs is masked",
        "engine/injection.py",
        "        if not self.journal.shows(",
        "        if False and not self.journal.shows(",
        INJECT,
    ),
    Mutant(
        "the runner undoes with what no other process can know",
        "engine/injection.py",
        "as_written(await fault.arm(world))",
        "await fault.arm(world)",
        INJECT,
    ),
    Mutant(
        "a fault that cannot be made again keeps others from being undone",
        "engine/recover.py",
        "                undoing.note(_cannot(armed, error))\n",
        "                raise ChaosError(words(error)) from error\n",
        WRONG,
    ),
    Mutant(
        "a part that cannot be ended keeps others from being ended",
        "engine/sweep.py",
        "world.proxies.delete(part.name)\n    except Exception as error:",
        "world.proxies.delete(part.name)\n    except JournalFailed as error:",
        WRONG,
    ),
    Mutant(
        "a run's name leads out of the index",
        "machine/index.py",
        '    name = re.sub(r"[^\\w.-]", "_", run)[:LONGEST]\n',
        "    name = run\n",
        WRONG,
    ),
    Mutant(
        "a server that is gone is asked for ever",
        "adapters/reach.py",
        "            if server and server.knowable() and not server.alive():\n",
        "            if not place:\n",
        PROXIES,
    ),
    Mutant(
        "a server of which nobody knows is taken for gone",
        "adapters/reach.py",
        "            if server and server.knowable() and not server.alive():\n",
        "            if not server or not server.alive():\n",
        PROXIES,
    ),
    Mutant(
        "an impostor on a server's port is believed",
        "adapters/embedded.py",
        "            if type(found := json.loads(answer.content)) is "
        "(list if many else dict):\n                return found\n",
        "            return json.loads(answer.content)\n",
        PROXIES,
    ),
    Mutant(
        "runs that race for a target do not wait for each other",
        "machine/place.py",
        "        fcntl.flock(handle, fcntl.LOCK_EX)\n",
        "",
        RACES,
    ),
    Mutant(
        "a dead run that left nothing holds its targets",
        "machine/index.py",
        " and holds(other):",
        ":",
        RACES,
    ),
    Mutant(
        "a dead run that left something holds nothing",
        "engine/status.py",
        "    return one.alive or one.left\n",
        "    return one.alive\n",
        RACES,
    ),
    *(
        Mutant(f"{name} ({tests.rpartition(' ')[2]})", file, old, new, tests)
        for tests in (MODEL, REAL)
        for name, file, old, new in (
            (
                "everything on a proxy is removed that looks like ours",
                "faults/_toxic.py",
                (
                    '        for name in memo["toxics"]:\n            await '
                    '_proxies(world).remove_toxic(memo["proxy"], name)\n'
                ),
                (
                    '        state = await _proxies(world).state(memo["proxy"])\n'
                    "        for toxic in state.toxics if state else ():\n"
                    '            if toxic.name.startswith("chaos-"):\n'
                    "                await _proxies(world).remove_toxic(\n"
                    '                    memo["proxy"], toxic.name)\n'
                ),
            ),
            (
                "half of a fault is undone",
                "faults/_toxic.py",
                '        for name in memo["toxics"]:\n            await _proxies',
                '        for name in memo["toxics"][:1]:\n            await _proxies',
            ),
            (
                "recovering again does something",
                "engine/recover.py",
                "    if faults or open_parts(journal.events):\n",
                "    if journal:\n",
            ),
            (
                "a torn end is glued to the next line",
                "journal/log.py",
                "                file.cut(found.size)\n",
                "                pass\n",
            ),
        )
    ),
    Mutant(
        "a fault is injected, and then written down (made_up)",
        "engine/injection.py",
        "                await self._write_ahead(standing)\n"
        "                standing.injected = await self._inject(standing)\n",
        "                standing.injected = await self._inject(standing)\n"
        "                await self._write_ahead(standing)\n",
        MODEL,
    ),
    Mutant(
        "nobody reads the state back (made_up)",
        "engine/undoing.py",
        "            evidence = await fault.verify(world, standing.memo)\n",
        "            evidence = None\n",
        MODEL,
    ),
    Mutant(
        "an undo closes a fault (made_up)",
        "journal/ledger.py",
        "            case FaultVerified():\n                ledger.pop",
        "            case FaultVerified() | FaultUndone():\n                ledger.pop",
        MODEL,
    ),
)
