"""News where the change is: one comment on the job's pull request, issue or commit.

It is found again by the marker that `summary.md` begins with and brought up to date, so
that a run a night is not a comment a night.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from chaos_mcp.errors import NotDelivered
from chaos_mcp.notify.base import Channel, Token
from chaos_mcp.notify.post import check

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos_mcp.notify.news import News
    from chaos_mcp.notify.post import Answer, Post

LONGEST = 65_000
"""Characters of a comment, of which GitHub takes 65,536."""
PAGE, PAGES = 100, 30
FINE = 200
REMEDIES = {
    401: "the token is not valid any more",
    403: "the token may not write there: give the job `pull-requests: write` or "
    "`issues: write`, for a commit `contents: write`",
    404: "the repository or the number is wrong, or the token may not see it",
}


class GitHub(Channel):
    """Tell it in one comment on the job's pull request, issue or commit."""

    kind = "github"
    example = '[tool.chaos.notify.github]\non = ["failure", "recovery"]\nissue = 17'
    elsewhere: ClassVar[dict[str, tuple[str, ...]]] = {
        "token": ("GITHUB_TOKEN", "GH_TOKEN"),
        "api": ("GITHUB_API_URL",),
        "repository": ("GITHUB_REPOSITORY",),
        "commit": ("GITHUB_SHA",),
        "event": ("GITHUB_EVENT_PATH",),
    }

    token: Token = Field(description="By default GITHUB_TOKEN.")
    repository: str = Field(
        pattern=r"^[\w.-]+/[\w.-]+$", description="OWNER/NAME; by default the job's."
    )
    issue: int | None = Field(
        default=None, gt=0, description="An issue or pull request, not the job's."
    )
    commit: str = Field(
        default="", pattern=r"^[0-9a-f]*$", description="By default the job's."
    )
    event: Path | None = Field(
        default=None, description="The job's event, which names the pull request."
    )
    api: str = Field(
        default="https://api.github.com",
        pattern=r"^https?://[^@\s]+$",
        description="Its API; by default the job's.",
    )

    def concerned(self, news: News) -> bool:
        """Tell whether this is to be told, or what was told is out of date by it."""
        return super().concerned(news) or self._outdates(news)

    async def tell(self, news: News, post: Post) -> None:
        """Bring the comment up to date, or write it."""
        body = json.dumps({"body": _cut(news.markdown)}).encode()
        marker = news.markdown.partition("\n")[0]
        place = self._place()
        found = await self._found(f"{place}/comments", marker, post)
        if found is not None:
            own = "issues/comments" if "/issues/" in place else "comments"
            check(await self._ask(post, "PATCH", self._at(f"{own}/{found}"), body))
        elif super().concerned(news):
            check(await self._ask(post, "POST", f"{place}/comments", body))

    def _outdates(self, news: News) -> bool:
        """Tell whether a comment that speaks of a failure may be wrong from now on."""
        return "recovery" in self.on and "success" in news.happened

    def _place(self) -> str:
        number = self.issue or self._number()
        if number:
            return self._at(f"issues/{number}")
        if not self.commit:
            why = "no pull request, issue or commit is known: set `issue`"
            raise NotDelivered(why)
        return self._at(f"commits/{self.commit}")

    def _number(self) -> int | None:
        """Return the pull request or issue that the job is about, if about any."""
        try:
            event = json.loads(self.event.read_text("utf-8")) if self.event else {}
        except (OSError, ValueError):
            return None
        for name in ("pull_request", "issue"):
            about = event.get(name) if isinstance(event, dict) else None
            if isinstance(about, dict) and isinstance(about.get("number"), int):
                number: int = about["number"]
                return number
        return None

    async def _found(self, url: str, marker: str, post: Post) -> int | None:
        """Return our comment. One that somebody else began so is not ours."""
        me = await self._me(post)
        for page in range(1, PAGES + 1):
            asked = f"{url}?per_page={PAGE}&page={page}"
            listed = _json(check(await self._ask(post, "GET", asked)))
            comments = listed if isinstance(listed, list) else []
            for one in comments:
                if _begins(one, marker) and _by(one, me):
                    number: int = one["id"]
                    return number
            if len(comments) < PAGE:
                break
        return None

    async def _me(self, post: Post) -> str:
        """Return whose token it is; a job's own belongs to a bot, and cannot tell."""
        url = f"{self.api.rstrip('/')}/user"
        answer = await self._ask(post, "GET", url, check_status=False)
        user = _json(answer) if answer.status == FINE else None
        return str(user.get("login", "")) if isinstance(user, dict) else ""

    async def _ask(
        self,
        post: Post,
        method: str,
        url: str,
        body: bytes = b"",
        *,
        check_status: bool = True,
    ) -> Answer:
        answer = await post(method, url, self._headers, body)
        if check_status and answer.status in REMEDIES:
            remedy = REMEDIES[answer.status]
            raise NotDelivered(f"it answered {answer.status}: {remedy}")
        return answer

    def _headers(self) -> Mapping[str, str]:
        return {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {self.token.get_secret_value()}",
            "content-type": "application/json",
            "x-github-api-version": "2022-11-28",
        }

    def _at(self, path: str) -> str:
        return f"{self.api.rstrip('/')}/repos/{self.repository}/{path}"


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except ValueError:
        raise NotDelivered("it answered something that is no JSON") from None


def _begins(comment: Any, marker: str) -> bool:
    return (
        isinstance(comment, dict)
        and isinstance(comment.get("id"), int)
        and str(comment.get("body", "")).partition("\n")[0].strip() == marker
    )


def _by(comment: dict[str, Any], login: str) -> bool:
    """Tell whether a comment is by us: by this name, or else by a bot."""
    user = comment.get("user")
    user = user if isinstance(user, dict) else {}
    return user.get("login") == login if login else user.get("type") == "Bot"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n\n…"
