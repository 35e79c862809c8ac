"""A visitor of the app without a browser, for `benchmarks.load`: what Chromium sends and waits for, over a websocket.

It speaks Streamlit's own protocol: one message asks for a page with the values of the widgets, the server answers with
the elements of the page and says when its script has ended. Like a browser, the visitor asks every interval for each
fragment that redraws itself.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

from core.storage import visitors
from ui.session import COOKIE

WORDS = {"markdown": "body", "alert": "body", "progress": "text", "page_link": "label"}  # element → field
PATIENCE = 120  # s for an answer
SETTLE = 0.05  # s after the end of a script in which a next one, such as after st.rerun, begins


@dataclass(kw_only=True)
class Visitor:
    """One browser tab. `errors` are the exceptions that a page showed."""

    url: str
    id: str = field(default_factory=visitors.new_id)
    errors: list[str] = field(default_factory=list)
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _page: str = ""
    _hash: str = ""  # of the page, as the server calls it once it has drawn it
    _query: str = ""
    _names: dict[str, str] = field(default_factory=dict)  # label of a widget → its id
    _typed: dict[str, float] = field(default_factory=dict)  # id of a number box → what was typed
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)  # by fragment
    _ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        headers = {"Cookie": f"{COOKIE}={self.id}"}
        self._socket = await connect(
            f"{self.url.replace('http', 'ws')}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=self.url,  # type: ignore[arg-type]
            additional_headers=headers,
            max_size=None,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_timers()
        self._reader.cancel()
        assert self._socket is not None
        await self._socket.close()

    async def visit(self, page: str, **query: str) -> float:
        """Open a page with this query in its address. Returns the seconds until it was complete."""
        self._page, self._hash, self._query = page, "", urlencode(query)
        self._names.clear()
        self.texts.clear()
        return await self._ask()

    async def type(self, label: str, value: float) -> float:
        """Type a number into the box with this label. Returns the seconds until the page was complete."""
        self._typed[self._names[label]] = value
        return await self._ask()

    async def click(self, label: str) -> float:
        """Click the button with this label. Returns the seconds until the page was complete."""
        return await self._ask(self._names[label])

    def shows(self, text: str) -> bool:
        """Whether the page shows this text."""
        return any(text in shown for shown in self.texts.values())

    async def _ask(self, button: str = "") -> float:
        began = time.monotonic()
        self._stop_timers()
        self._ended.clear()
        await self._send(button=button)
        async with asyncio.timeout(PATIENCE):
            ended = began
            while True:
                await self._ended.wait()
                self._ended.clear()
                ended = time.monotonic()
                try:
                    await asyncio.wait_for(self._ended.wait(), SETTLE)
                except TimeoutError:
                    return ended - began

    async def _send(self, button: str = "", fragment: str = "") -> None:
        message = BackMsg()
        rerun = message.rerun_script
        rerun.query_string, rerun.page_script_hash = self._query, self._hash
        rerun.page_name = "" if self._hash else self._page
        rerun.fragment_id, rerun.is_auto_rerun = fragment, bool(fragment)
        for name, value in self._typed.items():
            rerun.widget_states.widgets.add(id=name, double_value=value)
        if button:
            rerun.widget_states.widgets.add(id=button, trigger_value=True)
        assert self._socket is not None
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        assert self._socket is not None
        async for data in self._socket:
            message = ForwardMsg()
            message.ParseFromString(data if isinstance(data, bytes) else data.encode())
            kind = message.WhichOneof("type")
            if kind == "new_session" and not message.metadata.run.fragment_ids:
                self._stop_timers()  # a page that is drawn has timers of its own
            elif kind == "delta":
                self._draw(tuple(message.metadata.delta_path), message.delta)
            elif kind == "navigation":
                self._hash = message.navigation.page_script_hash
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string  # as the address of a browser
            elif kind == "auto_rerun":
                self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "stop_auto_rerun":
                for name in message.stop_auto_rerun.fragment_ids:
                    self._stop_timer(name)
            elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                self._ended.set()

    def _draw(self, path: tuple[int, ...], delta: Delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        if kind == "exception":
            self.errors.append(f"{self._page}: {element.exception.type}: {element.exception.message}")
        if kind in ("button", "number_input"):
            box = getattr(element, kind)
            self._names[box.label] = box.id
        if kind in WORDS:
            self.texts[path] = getattr(getattr(element, kind), WORDS[kind])
        else:
            self.texts.pop(path, None)

    def _start_timer(self, fragment: str, seconds: float) -> None:
        self._stop_timer(fragment)
        self._timers[fragment] = asyncio.create_task(self._redraw(fragment, seconds))

    async def _redraw(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self._send(fragment=fragment)

    def _stop_timer(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer.cancel()

    def _stop_timers(self) -> None:
        for fragment in tuple(self._timers):
            self._stop_timer(fragment)
