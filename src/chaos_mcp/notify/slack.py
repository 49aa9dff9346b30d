"""News for people in a chat: Slack's incoming webhooks, and whatever understands them.

Blocks, and `text` for what knows none (Mattermost, a phone's notification).
All that a target said is plain text, with what Slack reads as commands made harmless.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pydantic import Field

from chaos_mcp.errors import NotDelivered
from chaos_mcp.notify.base import Address, Channel
from chaos_mcp.notify.post import REFUSED, check
from chaos_mcp.report.markdown import SIGNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chaos_mcp.notify.message import Message
    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.post import Post

HEADER, SECTION, FACTS = 150, 2900, 1900
"""Characters that Slack takes of a header (150), a section (3000), and our facts."""
_CONTROL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ERROR = re.compile(r"[a-z_]{1,60}")
"""What Slack answers, such as `no_service`."""


class Slack(Channel):
    """Tell it in a chat: Slack's incoming webhook, or one that is like it."""

    kind = "slack"
    example = (
        "[tool.chaos.notify.slack]\n"
        'on = ["failure", "regression", "recovery"]\n'
        'url = {type = "env", key = "SLACK_URL"}'
    )

    url: Address = Field(description="The incoming webhook's, which is a secret.")

    async def tell(self, news: News, post: Post) -> None:
        """Post the message."""
        body = json.dumps(written(news.message)).encode()
        answer = await post("POST", self.url.get_secret_value(), _headers, body)
        why = answer.body.decode("ascii", "replace").strip()
        if answer.status >= REFUSED and _ERROR.fullmatch(why):
            raise NotDelivered(f"it answered {answer.status}: {why}")
        check(answer)


def _headers() -> dict[str, str]:
    return {"content-type": "application/json"}


def written(message: Message) -> dict[str, Any]:
    """Return a message as Slack takes it."""
    run = message.data
    head = f"{SIGNS[run.verdict]} {run.verdict}: {run.experiment.title}"
    reasons = "\n".join(f"• {one}" for one in _said(message))
    blocks = [
        {"type": "header", "text": _plain(head, HEADER)},
        {"type": "section", "text": _plain(reasons or "-", SECTION)},
        {"type": "context", "elements": [_plain(_facts(message), FACTS)]},
    ]
    if run.link:
        link = {"type": "mrkdwn", "text": f"<{run.link.translate(_CONTROL)}|the job>"}
        blocks.append({"type": "section", "text": link})
    text = harmless(f"{head}\n{reasons}", SECTION)
    return {"text": text, "mrkdwn": False, "blocks": blocks}


def _said(message: Message) -> Iterator[str]:
    run = message.data
    if "recovery" in run.happened and run.before:
        yield f"it passes again: {run.before.run} before it was {run.before.verdict}"
    yield from run.reasons
    if run.next_step:
        yield f"next: {run.next_step}"


def _facts(message: Message) -> str:
    run = message.data
    score = run.score and f"score {run.score.value:.1f}"
    baseline = run.baseline and f"baseline {run.baseline}"
    facts = (f"run {run.run}", score, baseline, run.experiment.file, run.node)
    return " · ".join(one for one in facts if one)


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": harmless(text, most), "emoji": False}


def harmless(text: str, most: int) -> str:
    """Return text that commands nothing, calls nobody, and is not too long.

    It is cut so that no escape is cut in two.
    """
    loose = text.replace("@", "@\u200b").replace("://", ":\u200b//")
    pieces = [one.translate(_CONTROL) for one in loose]
    if sum(map(len, pieces)) <= most:
        return "".join(pieces)
    room, kept = most - 1, []
    for one in pieces:
        room -= len(one)
        if room < 0:
            break
        kept.append(one)
    return "".join([*kept, "…"])
